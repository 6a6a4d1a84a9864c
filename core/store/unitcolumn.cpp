// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/unitcolumn.h"

#include "core/base/jsonwriter.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace tollgate::store {
namespace {

struct Field
{
    const char *name;
    std::int64_t UnitCounts::*count;
};

constexpr Field fields[] = {
    {"images", &UnitCounts::images},
    {"audio_input_ms", &UnitCounts::audioInputMs},
    {"audio_output_ms", &UnitCounts::audioOutputMs},
    {"characters", &UnitCounts::characters},
    {"searches", &UnitCounts::searches},
};

} // namespace

QByteArray unitsToJson(const UnitCounts &units)
{
    if (units.empty())
        return {};
    JsonWriter json;
    json.beginObject();
    for (const Field &field : fields) {
        if (const std::int64_t count = units.*field.count; count != 0)
            json.member(field.name, count);
    }
    if (!units.imageClass.isEmpty())
        json.member("image_class", units.imageClass);
    json.endObject();
    return json.take();
}

UnitCounts unitsFromJson(const QByteArray &json)
{
    UnitCounts units;
    if (json.isEmpty())
        return units;
    const QJsonObject object = QJsonDocument::fromJson(json).object();
    for (const Field &field : fields)
        units.*field.count = object.value(QLatin1String(field.name)).toInteger();
    units.imageClass = object.value(QLatin1String("image_class")).toString().toUtf8();
    return units;
}

} // namespace tollgate::store
