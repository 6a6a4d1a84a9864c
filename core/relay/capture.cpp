// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/capture.h"

#include <algorithm>

namespace tollgate::relay {
namespace {

// Well beyond what is kept, so that no cut of ours goes through a key before it is redacted.
constexpr qsizetype kMost = 4 * 1024 * 1024;

void appendLimited(QByteArray &to, QByteArrayView bytes)
{
    to.append(bytes.first(std::clamp<qsizetype>(kMost - to.size(), 0, bytes.size())));
}

} // namespace

void Capture::told(QByteArrayView bytes)
{
    if (bytes.isEmpty() || m_told.size() >= kMost)
        return;
    m_times += QByteArray::number(qlonglong(m_clock.monotonicUs() - m_startedUs)) + ' '
        + QByteArray::number(bytes.size()) + '\n';
    appendLimited(m_told, bytes);
}

void Capture::hide(std::shared_ptr<const Secret> key)
{
    if (key && key->reveal().size() >= kShortestKey)
        m_keys.push_back(std::move(key));
}

void Capture::asked(int attempt, const QByteArray &body, const QByteArray &clientBody)
{
    if (body != clientBody)
        m_attempts.push_back({store::BodyKind::UpstreamRequest, attempt, body});
}

void Capture::answered(int attempt, QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return;
    const bool begun = !m_attempts.empty() && m_attempts.back().attempt == attempt
        && m_attempts.back().kind == store::BodyKind::UpstreamAnswer;
    if (!begun)
        m_attempts.push_back({store::BodyKind::UpstreamAnswer, attempt, {}});
    appendLimited(m_attempts.back().bytes, bytes);
}

std::vector<store::KeptBody> Capture::take(const QByteArray &clientBody)
{
    std::vector<store::KeptBody> all = std::move(m_attempts);
    all.push_back({store::BodyKind::Request, 0, clientBody});
    all.push_back({store::BodyKind::Response, 0, std::move(m_told)});
    if (m_times.count('\n') > 1)
        all.push_back({store::BodyKind::Timing, 0, std::move(m_times)});
    for (const auto &key : m_keys) {
        const QByteArray name = QByteArray(key->reveal().size(), '*'); // the times count its bytes
        for (store::KeptBody &one : all)
            one.bytes.replace(key->reveal(), name);
    }
    return all;
}

} // namespace tollgate::relay
