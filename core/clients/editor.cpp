// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/editor.h"

#include "core/clients/editors.h"

#include <QStringDecoder>

namespace tollgate::clients {
namespace {

constexpr QByteArrayView mark = "\xEF\xBB\xBF";

const Editor &plainEditor(Format format)
{
    switch (format) {
    case Format::Json:
        return jsonEditor();
    case Format::Toml:
        return tomlEditor();
    case Format::Yaml:
        return yamlEditor();
    case Format::Dotenv:
        break;
    }
    return dotenvEditor();
}

Result<void> isText(const QByteArray &text)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decoder.decode(text);
    if (decoder.hasError() || decoded.contains(QChar::Null))
        return refused(QStringLiteral("It is not a text in UTF-8."));
    return {};
}

// Sets the byte order mark aside, so that the editors need not know of it.
class Guarded final : public Editor
{
public:
    explicit Guarded(Format format)
        : m_editor(plainEditor(format))
    {
    }

    Result<std::optional<Found>> find(const QByteArray &text, const Path &path) const override
    {
        return isText(text).and_then([&] { return m_editor.find(without(text), path); });
    }
    Result<QByteArray> write(const QByteArray &text, const Path &path,
                             const Value &value) const override
    {
        return around(text,
                      [&](const QByteArray &bare) { return m_editor.write(bare, path, value); });
    }
    Result<QByteArray> putBack(const QByteArray &text, const Path &path,
                               const QByteArray &raw) const override
    {
        return around(text,
                      [&](const QByteArray &bare) { return m_editor.putBack(bare, path, raw); });
    }
    Result<QByteArray> erase(const QByteArray &text, const Path &path) const override
    {
        return around(text, [&](const QByteArray &bare) { return m_editor.erase(bare, path); });
    }
    Result<QByteArray> prune(const QByteArray &text, const Path &path) const override
    {
        return around(text, [&](const QByteArray &bare) { return m_editor.prune(bare, path); });
    }
    bool saysNothing(const QByteArray &text) const override
    {
        return m_editor.saysNothing(without(text));
    }

private:
    static QByteArray without(const QByteArray &text)
    {
        return text.startsWith(mark) ? text.sliced(mark.size()) : text;
    }
    template <class Change> Result<QByteArray> around(const QByteArray &text, Change change) const
    {
        if (auto fine = isText(text); !fine)
            return failure(fine.error());
        Result<QByteArray> changed = change(without(text));
        if (changed && text.startsWith(mark))
            changed->prepend(mark.data(), mark.size());
        return changed;
    }

    const Editor &m_editor;
};

} // namespace

const Editor &editorFor(Format format)
{
    static const Guarded json(Format::Json);
    static const Guarded toml(Format::Toml);
    static const Guarded yaml(Format::Yaml);
    static const Guarded dotenv(Format::Dotenv);
    switch (format) {
    case Format::Json:
        return json;
    case Format::Toml:
        return toml;
    case Format::Yaml:
        return yaml;
    case Format::Dotenv:
        break;
    }
    return dotenv;
}

std::optional<Format> formatNamed(QStringView name)
{
    if (name == u"json" || name == u"jsonc")
        return Format::Json;
    if (name == u"toml")
        return Format::Toml;
    if (name == u"yaml")
        return Format::Yaml;
    if (name == u"dotenv")
        return Format::Dotenv;
    return std::nullopt;
}

QString dotted(const Path &path)
{
    QString out;
    for (const QString &step : path) {
        if (!out.isEmpty() && !step.startsWith(QLatin1Char('[')))
            out += QLatin1Char('.');
        out += step;
    }
    return out;
}

std::optional<Select> selectOf(const QString &step)
{
    const qsizetype equals = step.indexOf(QLatin1Char('='));
    if (!step.startsWith(QLatin1Char('[')) || !step.endsWith(QLatin1Char(']')) || equals < 2)
        return std::nullopt;
    return Select{step.mid(1, equals - 1), step.mid(equals + 1, step.size() - equals - 2)};
}

tl::unexpected<Error> refused(const QString &sentence)
{
    return failure(ErrorKind::Unprocessable, sentence, "file_refused");
}

} // namespace tollgate::clients
