// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/routing/routing.h"

#include <algorithm>

namespace tollgate::routing {
namespace {

bool matches(QByteArrayView rule, QByteArrayView model)
{
    return rule.endsWith('*') ? model.startsWith(rule.chopped(1)) : rule == model;
}

using Mapping = std::pair<QByteArray, QByteArray>;

const Mapping *mappingFor(const store::ChannelRow &row, QByteArrayView model)
{
    const Mapping *best = nullptr;
    for (const Mapping &mapping : row.modelMap) {
        const QByteArrayView source = mapping.first;
        if (source == model)
            return &mapping;
        if (matches(source, model) && (!best || source.size() > best->first.size()))
            best = &mapping;
    }
    return best;
}

} // namespace

QByteArray Channel::vendorModel(const QByteArray &model) const
{
    const Mapping *mapping = mappingFor(row, model);
    if (!mapping)
        return model;
    const auto &[source, target] = *mapping;
    if (!source.endsWith('*') || !target.endsWith('*'))
        return target;
    return target.chopped(1) + model.sliced(source.size() - 1);
}

bool Channel::serves(const QByteArray &model) const
{
    return std::any_of(row.models.begin(), row.models.end(),
                       [&](QByteArrayView rule) { return matches(rule, model); })
        || mappingFor(row, model);
}

std::vector<QByteArray> ChannelTable::models() const
{
    std::vector<QByteArray> names;
    const auto add = [&](const QByteArray &name) {
        if (!name.isEmpty() && !name.endsWith('*'))
            names.push_back(name);
    };
    for (const auto &channel : channels) {
        if (!channel->row.enabled)
            continue;
        for (const QByteArray &name : channel->row.models)
            add(name);
        for (const Mapping &mapping : channel->row.modelMap)
            add(mapping.first);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

} // namespace tollgate::routing
