// SPDX-License-Identifier: GPL-3.0-or-later
// models.tsv and families.tsv, read strictly.
#include "core/ledger/modeltraits.h"

#include <QFile>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

// A static library's resources are only there once this macro has named them; it may not stand
// inside a namespace.
static void initCatalogueResource()
{
    Q_INIT_RESOURCE(catalogue);
}

namespace tollgate::ledger {
namespace {

using Flag = std::optional<bool> ModelTraits::*;

constexpr std::int64_t kLargestTokens = 1'000'000'000;

constexpr std::array<std::pair<QByteArrayView, ModelTraits::Reasoning>, 5> kReasoning{{
    {"", ModelTraits::Reasoning::Unknown},
    {"none", ModelTraits::Reasoning::None},
    {"some", ModelTraits::Reasoning::Some},
    {"optional", ModelTraits::Reasoning::Optional},
    {"always", ModelTraits::Reasoning::Always},
}};

constexpr std::array<std::pair<QByteArrayView, ModelTraits::Sampling>, 5> kSampling{{
    {"", ModelTraits::Sampling::Unknown},
    {"no", ModelTraits::Sampling::Never},
    {"off", ModelTraits::Sampling::ReasoningOff},
    {"unasked", ModelTraits::Sampling::ReasoningUnasked},
    {"yes", ModelTraits::Sampling::Always},
}};

constexpr std::array<std::pair<QByteArrayView, Flag>, 9> kWords{{
    {"adaptive", &ModelTraits::adaptiveThinking},
    {"levels", &ModelTraits::thinkingLevels},
    {"signs", &ModelTraits::signsCalls},
    {"jsontools", &ModelTraits::jsonSchemaTools},
    {"midsystem", &ModelTraits::midConversationSystem},
    {"prefill", &ModelTraits::prefill},
    {"both", &ModelTraits::temperatureAndTopP},
    {"choice", &ModelTraits::forcedTools},
    {"schema", &ModelTraits::structuredOutput},
}};

constexpr std::array<std::pair<char, Flag>, 5> kInputs{{
    {'t', &ModelTraits::tools},
    {'v', &ModelTraits::imageInput},
    {'d', &ModelTraits::pdfInput},
    {'a', &ModelTraits::audioInput},
    {'f', &ModelTraits::videoInput},
}};

constexpr std::array<QByteArrayView, 7> kEfforts{"none", "minimal", "low", "medium",
                                                 "high", "xhigh",   "max"};

template <typename Table, typename Value>
bool read(const Table &table, const QByteArray &text, Value &value)
{
    const auto known = std::find_if(table.begin(), table.end(),
                                    [&](const auto &one) { return one.first == text; });
    if (known == table.end())
        return false;
    value = known->second;
    return true;
}

bool readCount(const QByteArray &text, std::int64_t &count)
{
    if (text.isEmpty())
        return true;
    bool number = false;
    count = text.toLongLong(&number);
    return number && count > 0 && count <= kLargestTokens && QByteArray::number(count) == text;
}

bool readEfforts(const QByteArray &text, QByteArrayList &efforts)
{
    if (text.isEmpty())
        return true;
    efforts = text.split(',');
    return std::all_of(efforts.begin(), efforts.end(), [](const QByteArray &name) {
        return std::find(kEfforts.begin(), kEfforts.end(), name) != kEfforts.end();
    });
}

// A missing letter means no, but for schemas, of which the source is often silent.
bool readLetters(const QByteArray &letters, ModelTraits &traits)
{
    for (const auto &[letter, flag] : kInputs)
        traits.*flag = letters.contains(letter);
    if (letters.contains('s') || letters.contains('S'))
        traits.structuredOutput = letters.contains('s');
    return std::all_of(letters.begin(), letters.end(),
                       [](char letter) { return QByteArrayView("tsSvdaf").contains(letter); })
        && !(letters.contains('s') && letters.contains('S'));
}

bool readWords(const QByteArray &text, ModelTraits &traits)
{
    if (text.isEmpty())
        return true;
    for (QByteArray word : text.split(' ')) {
        const bool yes = !word.startsWith('-');
        if (!yes)
            word.remove(0, 1);
        Flag flag = nullptr;
        if (!read(kWords, word, flag) || (traits.*flag).has_value())
            return false;
        traits.*flag = yes;
    }
    return true;
}

// Reads a table whose first line names its format; then comments, sources, the columns and rows.
// The reader of a row answers false for one that is damaged.
template <typename ReadRow>
Result<void> readTable(QByteArrayView text, QByteArrayView format, QByteArrayView columns,
                       ReadRow readRow)
{
    const QByteArrayList lines = text.toByteArray().split('\n');
    const qsizetype width = columns.toByteArray().count('\t') + 1;
    const auto wrong = [](const char *what, qsizetype line) {
        return failure(ErrorKind::Internal,
                       QStringLiteral("The catalogue of models is damaged: %1 in line %2.")
                           .arg(QString::fromLatin1(what))
                           .arg(line + 1));
    };
    if (lines.size() < 2 || !lines.last().isEmpty() || lines.first() != format)
        return wrong("unknown format", 0);
    QByteArrayList sources;
    bool columnsSeen = false;
    for (qsizetype i = 1; i + 1 < lines.size(); ++i) {
        const QByteArray &line = lines[i];
        if (line.startsWith('#'))
            continue;
        const QByteArrayList fields = line.split('\t');
        if (!columnsSeen && fields.first() == "source") {
            if (fields.size() != 4 || fields[1].size() != 1 || fields[3].isEmpty())
                return wrong("bad source", i);
            sources.append(fields[1]);
        } else if (!columnsSeen) {
            if (line != columns)
                return wrong("unknown columns", i);
            columnsSeen = true;
        } else if (fields.size() != width || !readRow(fields, sources)) {
            return wrong("bad row", i);
        }
    }
    return {};
}

Result<QByteArray> resource(const char *name)
{
    initCatalogueResource();
    QFile file(QStringLiteral(":/tollgate/") + QString::fromLatin1(name));
    if (!file.open(QIODevice::ReadOnly))
        return failure(ErrorKind::Internal,
                       QStringLiteral("The catalogue of models is missing from this build."));
    return file.readAll();
}

} // namespace

Result<std::vector<ModelRow>> parseModels(QByteArrayView text)
{
    std::vector<ModelRow> rows;
    const auto readRow = [&rows](const QByteArrayList &fields, const QByteArrayList &) {
        ModelRow row{fields[0], fields[1], {}};
        const auto key = [](const ModelRow &one) { return std::tie(one.provider, one.model); };
        const bool fits = !row.model.isEmpty() && readCount(fields[2], row.traits.contextTokens)
            && readCount(fields[3], row.traits.maxOutputTokens)
            && readLetters(fields[4], row.traits)
            && read(kReasoning, fields[5], row.traits.reasoning)
            && read(kSampling, fields[6], row.traits.sampling)
            && readEfforts(fields[7], row.traits.efforts)
            && (rows.empty() || key(rows.back()) < key(row));
        rows.push_back(std::move(row));
        return fits;
    };
    if (auto done = readTable(
            text, "tollgate-models\t1",
            "provider\tmodel\tcontext\tmaxOutput\tflags\treasoning\tsampling\tefforts", readRow);
        !done)
        return failure(std::move(done.error()));
    return rows;
}

Result<std::vector<FamilyRow>> parseFamilies(QByteArrayView text)
{
    std::vector<FamilyRow> rows;
    const auto readRow = [&rows](const QByteArrayList &fields, const QByteArrayList &sources) {
        FamilyRow row{fields[0], {}};
        const bool fits = !row.pattern.isEmpty() && row.pattern == row.pattern.toLower()
            && read(kReasoning, fields[1], row.traits.reasoning)
            && readEfforts(fields[2], row.traits.efforts)
            && read(kSampling, fields[3], row.traits.sampling) && readWords(fields[4], row.traits)
            && sources.contains(fields[5]);
        rows.push_back(std::move(row));
        return fits;
    };
    if (auto done = readTable(text, "tollgate-families\t1",
                              "model\treasoning\tefforts\tsampling\tsays\tsource", readRow);
        !done)
        return failure(std::move(done.error()));
    return rows;
}

Result<std::vector<ModelRow>> loadModels()
{
    const Result<QByteArray> text = resource("models.tsv");
    return text ? parseModels(*text) : failure(text.error());
}

Result<std::vector<FamilyRow>> loadFamilies()
{
    const Result<QByteArray> text = resource("families.tsv");
    return text ? parseFamilies(*text) : failure(text.error());
}

} // namespace tollgate::ledger
