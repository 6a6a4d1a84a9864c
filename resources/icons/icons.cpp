// SPDX-License-Identifier: GPL-3.0-or-later
// The drawings themselves are resources; a library wants one source.
