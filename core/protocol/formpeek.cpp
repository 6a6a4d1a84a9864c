// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/formpeek.h"

#include <QString>

#include <algorithm>

namespace tollgate::protocol {
namespace {

constexpr qsizetype kLongestBoundary = 70; // RFC 2046 5.1.1
constexpr qsizetype kLongestPartHead = 16 * 1024;
constexpr int kMostParts = 1'000;
constexpr qsizetype kLongestModel = 256;
constexpr int kMostImages = 128;

tl::unexpected<Error> refusal(QString message, QByteArray param = {})
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = std::move(message);
    error.code = param.isEmpty() ? "invalid_form" : "";
    error.param = std::move(param);
    return failure(std::move(error));
}

// A parameter of a field's value: name="x" or name=x; nullopt where it is not there.
std::optional<QByteArray> parameter(QByteArrayView value, QByteArrayView name)
{
    qsizetype at = value.indexOf(';');
    while (at >= 0) {
        ++at;
        while (at < value.size() && (value[at] == ' ' || value[at] == '\t'))
            ++at;
        const qsizetype equals = value.indexOf('=', at);
        if (equals < 0)
            return std::nullopt;
        const bool wanted
            = value.sliced(at, equals - at).trimmed().compare(name, Qt::CaseInsensitive) == 0;
        QByteArray found;
        at = equals + 1;
        if (at < value.size() && value[at] == '"') {
            for (++at; at < value.size() && value[at] != '"'; ++at) {
                if (value[at] == '\\' && at + 1 < value.size())
                    ++at;
                found.append(value[at]);
            }
            at = value.indexOf(';', at);
        } else {
            const qsizetype end = value.indexOf(';', at);
            found = value.sliced(at, (end < 0 ? value.size() : end) - at).trimmed().toByteArray();
            at = end;
        }
        if (wanted)
            return found;
    }
    return std::nullopt;
}

// The "name" of a part's Content-Disposition.
QByteArray nameOf(QByteArrayView head)
{
    constexpr QByteArrayView kField = "content-disposition:";
    while (!head.isEmpty()) {
        const qsizetype end = head.indexOf("\r\n");
        const QByteArrayView line = end < 0 ? head : head.first(end);
        if (line.size() > kField.size()
            && line.first(kField.size()).compare(kField, Qt::CaseInsensitive) == 0)
            return parameter(line.sliced(kField.size()), "name").value_or(QByteArray());
        head = end < 0 ? QByteArrayView() : head.sliced(end + 2);
    }
    return {};
}

class FormPeeker
{
public:
    explicit FormPeeker(QByteArrayView body)
        : m_body(body)
    {
    }

    Result<void> part(const QByteArray &name, Span span)
    {
        const QByteArrayView value = m_body.sliced(span.at, span.length);
        if (name == "model")
            return model(value, span);
        if (name == "stream") {
            m_peek.stream = value == QByteArrayView("true") || value == QByteArrayView("True")
                || value == QByteArrayView("1");
        } else if (name == "n") {
            bool number = false;
            const int n = value.toByteArray().toInt(&number);
            if (!number || n < 1 || n > kMostImages)
                return refusal(QStringLiteral("\"n\" must be a whole number from 1 to %1.")
                                   .arg(QString::number(kMostImages)),
                               "n");
            m_peek.choices = n;
        }
        return {};
    }

    Result<Peek> conclude()
    {
        if (m_peek.model.isEmpty())
            return refusal(QStringLiteral("The request names no \"model\"."), "model");
        // Sound is at most 32 tokens a second and at least 6 kbit; pictures cost less a byte.
        m_peek.inputTokensCeiling = m_body.size() / 16 + 64;
        m_peek.inputElsewhere = true;
        return std::move(m_peek);
    }

private:
    Result<void> model(QByteArrayView value, Span span)
    {
        if (!m_peek.model.isEmpty())
            return refusal(QStringLiteral("\"model\" is given twice; which one is meant cannot be "
                                          "told."),
                           "model");
        const bool control = std::any_of(value.begin(), value.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
        });
        const QByteArray model = value.toByteArray();
        if (model.isEmpty() || model.size() > kLongestModel || control || !model.isValidUtf8())
            return refusal(QStringLiteral("\"model\" must be a name of 1 to %1 bytes.")
                               .arg(QString::number(kLongestModel)),
                           "model");
        m_peek.model = model;
        m_peek.modelValue = span;
        return {};
    }

    QByteArrayView m_body;
    Peek m_peek;
};

} // namespace

bool isForm(QByteArrayView contentType)
{
    const qsizetype end = contentType.indexOf(';');
    const QByteArrayView type = end < 0 ? contentType : contentType.first(end);
    return type.trimmed().compare(QByteArrayView("multipart/form-data"), Qt::CaseInsensitive) == 0;
}

Result<void> eachPart(QByteArrayView contentType, QByteArrayView body, const VisitPart &visit)
{
    const auto boundary = parameter(contentType, "boundary");
    if (!boundary || boundary->isEmpty() || boundary->size() > kLongestBoundary)
        return refusal(QStringLiteral("The Content-Type names no usable boundary."));
    const QByteArray opening = "--" + *boundary;
    const QByteArray between = "\r\n" + opening;
    qsizetype at = body.startsWith(opening) ? 0 : body.indexOf(between);
    if (at < 0)
        return refusal(QStringLiteral("The body does not hold the boundary that its "
                                      "Content-Type names."));
    at += body.startsWith(opening) ? opening.size() : between.size();
    for (int parts = 0; parts < kMostParts; ++parts) {
        if (body.sliced(at).startsWith("--"))
            return {};
        const qsizetype line = body.indexOf("\r\n", at);
        const qsizetype head = line < 0 ? -1 : body.indexOf("\r\n\r\n", line);
        const qsizetype end = head < 0 ? -1 : body.indexOf(between, head + 2);
        if (end < 0 || head - line > kLongestPartHead)
            break;
        const qsizetype start = std::min(head + 4, end);
        const QByteArrayView fields
            = body.sliced(line + 2, std::max<qsizetype>(head - line - 2, 0));
        if (auto read = visit(nameOf(fields), {start, end - start}); !read)
            return failure(read.error());
        at = end + between.size();
    }
    return refusal(QStringLiteral("The form ends before its last boundary, or has too many "
                                  "parts."));
}

Result<Peek> peekForm(QByteArrayView contentType, QByteArrayView body)
{
    FormPeeker peeker(body);
    const auto read = eachPart(contentType, body, [&peeker](const QByteArray &name, Span value) {
        return peeker.part(name, value);
    });
    if (!read)
        return failure(read.error());
    return peeker.conclude();
}

} // namespace tollgate::protocol
