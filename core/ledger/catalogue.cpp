// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/catalogue.h"

#include <QDate>
#include <QDateTime>
#include <QFile>
#include <QTimeZone>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>
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

// 10,000 USD a million tokens: every product with a plausible token count then fits in 64 bits.
constexpr std::int64_t kLargestPrice = 10'000'000'000;
// 100 USD a picture, second, letter or search.
constexpr std::int64_t kLargestUnitPrice = 100'000'000'000'000;
constexpr std::int64_t kLargestTokens = 1'000'000'000;
constexpr std::size_t kLargestText = 8 * 1024 * 1024;

constexpr std::array<std::string_view, 21> kColumns{
    "provider",  "model",      "kind",        "context",    "maxOutput",    "capabilities",
    "from",      "input",      "output",      "cacheRead",  "cacheWrite5m", "cacheWrite1h",
    "reasoning", "audioInput", "audioOutput", "imageInput", "imageOutput",  "perRequest",
    "tiers",     "units",      "source"};
constexpr std::size_t kFirstRate = 7;
constexpr std::size_t kTiers = 18;
constexpr std::size_t kUnits = 19;
constexpr std::size_t kSource = 20;

constexpr std::array<PicoUsd Rates::*, 11> kRates{
    &Rates::input,        &Rates::output,      &Rates::cacheRead,  &Rates::cacheWrite5m,
    &Rates::cacheWrite1h, &Rates::reasoning,   &Rates::audioInput, &Rates::audioOutput,
    &Rates::imageInput,   &Rates::imageOutput, &Rates::perRequest};

constexpr std::array<std::pair<std::string_view, ModelKind>, 10> kKinds{{
    {"chat", ModelKind::Chat},
    {"responses", ModelKind::Responses},
    {"completion", ModelKind::Completion},
    {"embedding", ModelKind::Embedding},
    {"image", ModelKind::Image},
    {"speech", ModelKind::Speech},
    {"transcription", ModelKind::Transcription},
    {"moderation", ModelKind::Moderation},
    {"rerank", ModelKind::Rerank},
    {"realtime", ModelKind::Realtime},
}};

constexpr std::array<std::pair<char, Capability>, 14> kCapabilities{{
    {'t', Tools},
    {'p', ParallelTools},
    {'s', StructuredOutput},
    {'r', Reasoning},
    {'v', ImageInput},
    {'d', PdfInput},
    {'a', AudioInput},
    {'f', VideoInput},
    {'A', AudioOutput},
    {'I', ImageOutput},
    {'c', PromptCache},
    {'w', WebSearch},
    {'m', ComputerUse},
    {'x', FixedSampling},
}};

std::optional<std::int64_t> number(std::string_view text, std::int64_t largest)
{
    std::int64_t value = 0;
    const char *const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool canonical = text == "0" || (!text.empty() && text[0] >= '1' && text[0] <= '9');
    if (error != std::errc() || stop != end || !canonical || value > largest)
        return std::nullopt;
    return value;
}

// An absent count is 0.
std::optional<std::int64_t> count(std::string_view text)
{
    return text.empty() ? 0 : number(text, kLargestTokens);
}

std::optional<std::int64_t> microsecondsOf(std::string_view date)
{
    const QDate day = QDate::fromString(
        QString::fromLatin1(date.data(), static_cast<qsizetype>(date.size())), Qt::ISODate);
    if (!day.isValid() || date.size() != 10)
        return std::nullopt;
    return QDateTime(day, QTime(0, 0), QTimeZone::utc()).toMSecsSinceEpoch() * 1000;
}

// The next field of a list, which it shortens.
std::string_view take(std::string_view &rest, char separator)
{
    const std::size_t at = rest.find(separator);
    const std::string_view head = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return head;
}

bool readRate(std::string_view text, std::size_t which, Rates &rates)
{
    if (text.empty())
        return which > 1; // input and output are what makes a price
    const auto value = number(text, kLargestPrice);
    if (value)
        rates.*kRates[which] = PicoUsd{*value};
    return value.has_value();
}

// "200000:5000000,22500000,500000;…": trailing rates that are not named are left out.
bool readTiers(std::string_view text, std::vector<Tier> &tiers)
{
    while (!text.empty()) {
        std::string_view tierText = take(text, ';');
        const auto above = number(take(tierText, ':'), kLargestTokens);
        Tier tier;
        if (!above || *above <= (tiers.empty() ? 0 : tiers.back().aboveInputTokens))
            return false;
        tier.aboveInputTokens = *above;
        for (std::size_t i = 0; i < kRates.size() && (i < 2 || !tierText.empty()); ++i) {
            if (!readRate(take(tierText, ','), i, tier.rates))
                return false;
        }
        if (!tierText.empty())
            return false;
        tiers.push_back(std::move(tier));
    }
    return true;
}

constexpr std::array<std::pair<std::string_view, PicoUsd UnitRates::*>, 5> kUnitRates{{
    {"image", &UnitRates::image},
    {"heard", &UnitRates::audioInputSecond},
    {"spoken", &UnitRates::audioOutputSecond},
    {"character", &UnitRates::character},
    {"search", &UnitRates::search},
}};

// "image=40000000000;image:hd/1024x1024=80000000000;character=15000000"
bool readUnits(std::string_view text, UnitRates &units)
{
    while (!text.empty()) {
        std::string_view unit = take(text, ';');
        const std::string_view name = take(unit, '=');
        const auto rate = number(unit, kLargestUnitPrice);
        if (!rate)
            return false;
        if (name.starts_with("image:")) {
            const std::string_view of = name.substr(6);
            QByteArray imageClass(of.data(), static_cast<qsizetype>(of.size()));
            if (of.empty()
                || (!units.imageClasses.empty() && units.imageClasses.back().first >= imageClass))
                return false;
            units.imageClasses.emplace_back(std::move(imageClass), PicoUsd{*rate});
            continue;
        }
        const auto *known = std::find_if(kUnitRates.begin(), kUnitRates.end(),
                                         [&](const auto &r) { return r.first == name; });
        if (known == kUnitRates.end() || (units.*known->second).value >= 0)
            return false;
        units.*known->second = PicoUsd{*rate};
    }
    return true;
}

bool readCapabilities(std::string_view text, std::uint32_t &bits)
{
    for (const char letter : text) {
        const auto *known = std::find_if(kCapabilities.begin(), kCapabilities.end(),
                                         [&](const auto &c) { return c.first == letter; });
        if (known == kCapabilities.end() || (bits & known->second) != 0)
            return false;
        bits |= known->second;
    }
    return true;
}

class Reader
{
public:
    Result<std::vector<CatalogueEntry>> read(std::string_view text);

private:
    using Fields = std::array<std::string_view, kColumns.size()>;

    [[nodiscard]] tl::unexpected<Error> wrong(const char *what) const;
    Result<void> readLine(std::string_view line);
    Result<void> readSource(std::string_view line);
    Result<void> readEntry(const Fields &fields);
    const QByteArray &shared(std::string_view text);
    [[nodiscard]] QByteArray nameOfSource(std::string_view letters) const;

    int m_line = 0;
    bool m_columnsSeen = false;
    std::vector<std::pair<char, QByteArray>> m_dates; // by the letter of the source
    std::set<QByteArray> m_shared;
    std::vector<CatalogueEntry> m_entries;
};

tl::unexpected<Error> Reader::wrong(const char *what) const
{
    return failure(ErrorKind::Internal,
                   QStringLiteral("The price catalogue is damaged: %1 in line %2.")
                       .arg(QString::fromLatin1(what))
                       .arg(m_line));
}

Result<std::vector<CatalogueEntry>> Reader::read(std::string_view text)
{
    if (text.size() > kLargestText || !text.ends_with('\n'))
        return wrong("wrong length");
    m_entries.reserve(text.size() / 80);
    while (!text.empty()) {
        ++m_line;
        const std::string_view line = take(text, '\n');
        if (m_line == 1 && line != "tollgate-prices\t1")
            return wrong("unknown format");
        if (m_line == 1 || line.starts_with('#'))
            continue;
        if (auto done = readLine(line); !done)
            return failure(std::move(done.error()));
    }
    if (m_entries.empty())
        return wrong("no price");
    return std::move(m_entries);
}

Result<void> Reader::readLine(std::string_view line)
{
    if (line.starts_with("source\t"))
        return readSource(line);
    Fields fields;
    std::size_t used = 0;
    for (std::size_t start = 0; start <= line.size(); ++used) {
        const std::size_t end = std::min(line.find('\t', start), line.size());
        if (used == fields.size())
            return wrong("too many fields");
        fields[used] = line.substr(start, end - start);
        start = end + 1;
    }
    if (used != fields.size())
        return wrong("too few fields");
    if (!m_columnsSeen) {
        m_columnsSeen = true;
        return fields == kColumns ? Result<void>{} : wrong("unknown columns");
    }
    return readEntry(fields);
}

Result<void> Reader::readSource(std::string_view line)
{
    take(line, '\t');
    const std::string_view letter = take(line, '\t');
    const std::string_view date = take(line, '\t');
    if (letter.size() != 1 || !microsecondsOf(date) || line.empty())
        return wrong("bad source");
    m_dates.emplace_back(letter[0], QByteArray(date.data(), static_cast<qsizetype>(date.size())));
    return {};
}

Result<void> Reader::readEntry(const Fields &fields)
{
    CatalogueEntry entry;
    Price &price = entry.price;
    price.provider = shared(fields[0]);
    price.model = QByteArray(fields[1].data(), static_cast<qsizetype>(fields[1].size()));
    if (price.provider.isEmpty() || price.model.isEmpty())
        return wrong("no name");
    const auto *kind = std::find_if(kKinds.begin(), kKinds.end(),
                                    [&](const auto &k) { return k.first == fields[2]; });
    const auto context = count(fields[3]);
    const auto maxOutput = count(fields[4]);
    const auto from
        = fields[6].empty() ? std::optional<std::int64_t>{0} : microsecondsOf(fields[6]);
    if (kind == kKinds.end() || !context || !maxOutput || !from
        || !readCapabilities(fields[5], entry.capabilities))
        return wrong("bad description");
    entry.kind = kind->second;
    entry.contextTokens = *context;
    price.maxOutputTokens = *maxOutput;
    price.validFromUs = *from;
    for (std::size_t i = 0; i < kRates.size(); ++i) {
        if (!readRate(fields[kFirstRate + i], i, price.rates))
            return wrong("bad rate");
    }
    if (!readTiers(fields[kTiers], price.tiers))
        return wrong("bad tier");
    if (!readUnits(fields[kUnits], price.units))
        return wrong("bad unit");
    price.source = *m_shared.insert(nameOfSource(fields[kSource])).first;
    if (price.source.isEmpty())
        return wrong("unknown source");
    if (!m_entries.empty()) {
        const Price &last = m_entries.back().price;
        if (std::tie(last.provider, last.model, last.validFromUs)
            >= std::tie(price.provider, price.model, price.validFromUs))
            return wrong("wrong order");
    }
    m_entries.push_back(std::move(entry));
    return {};
}

// One copy of each of the few texts that repeat thousands of times.
const QByteArray &Reader::shared(std::string_view text)
{
    return *m_shared.insert(QByteArray(text.data(), static_cast<qsizetype>(text.size()))).first;
}

// The newest of the sources that the entry was made of.
QByteArray Reader::nameOfSource(std::string_view letters) const
{
    QByteArray newest;
    for (const char letter : letters) {
        const auto known = std::find_if(m_dates.begin(), m_dates.end(),
                                        [&](const auto &d) { return d.first == letter; });
        if (known == m_dates.end())
            return {};
        newest = std::max(newest, known->second);
    }
    return newest.isEmpty() ? newest : "catalogue " + newest;
}

bool sameModel(const Price &a, const Price &b)
{
    return a.provider == b.provider && a.model == b.model;
}

} // namespace

Result<std::vector<CatalogueEntry>> parseCatalogue(QByteArrayView text)
{
    return Reader().read({text.data(), static_cast<std::size_t>(text.size())});
}

Result<std::vector<CatalogueEntry>> loadCatalogueEntries()
{
    initCatalogueResource();
    QFile file(QStringLiteral(":/tollgate/catalogue.tsv"));
    if (!file.open(QIODevice::ReadOnly))
        return failure(ErrorKind::Internal,
                       QStringLiteral("The price catalogue is missing from this build."));
    return parseCatalogue(file.readAll());
}

Result<std::vector<Price>> loadCatalogue()
{
    auto entries = loadCatalogueEntries();
    if (!entries)
        return failure(std::move(entries.error()));
    std::vector<Price> prices;
    prices.reserve(entries->size());
    for (CatalogueEntry &entry : *entries)
        prices.push_back(std::move(entry.price));
    return prices;
}

PriceBook overlay(const PriceBook &book, const std::vector<Price> &overrides)
{
    std::vector<Price> wanted;
    const auto add = [&wanted](Price price) {
        // Of two for the same moment the later one in the list is the user's last word.
        std::erase_if(wanted, [&](const Price &p) {
            return sameModel(p, price) && p.validFromUs == price.validFromUs;
        });
        wanted.push_back(std::move(price));
    };
    std::vector<Price> specific;
    for (const Price &price : overrides) {
        if (!price.provider.isEmpty()) {
            specific.push_back(price);
            continue;
        }
        add(price);
        // The book's own row for a provider would otherwise be found before the user's general one.
        for (const Price &known : book.all()) {
            if (known.model != price.model || known.provider.isEmpty())
                continue;
            Price copy = price;
            copy.provider = known.provider;
            copy.id = 0;
            add(std::move(copy));
        }
    }
    for (Price &price : specific)
        add(std::move(price));

    std::vector<Price> all;
    all.reserve(book.all().size() + wanted.size());
    for (const Price &price : book.all()) {
        const bool givesWay = std::any_of(wanted.begin(), wanted.end(), [&](const Price &p) {
            return sameModel(p, price) && p.validFromUs <= price.validFromUs;
        });
        if (!givesWay)
            all.push_back(price);
    }
    all.insert(all.end(), wanted.begin(), wanted.end());
    return PriceBook(std::move(all));
}

} // namespace tollgate::ledger
