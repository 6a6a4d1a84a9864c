// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/modeltraits.h"

#include "core/ledger/modelfacts.h"

#include <algorithm>
#include <limits>

namespace tollgate::ledger {
namespace {

struct Tables
{
    std::vector<ModelRow> models;
    PriceBook names; // whose ids are places in `models`, from 1
    std::vector<FamilyRow> families;
};

Tables readTables()
{
    Tables tables;
    if (auto models = loadModels())
        tables.models = std::move(*models);
    if (auto families = loadFamilies())
        tables.families = std::move(*families);
    std::vector<Price> keys;
    keys.reserve(tables.models.size());
    for (const ModelRow &row : tables.models) {
        Price key;
        key.id = static_cast<std::int64_t>(keys.size()) + 1;
        key.provider = row.provider;
        key.model = row.model;
        keys.push_back(std::move(key));
    }
    tables.names = PriceBook(std::move(keys));
    return tables;
}

template <typename Value> void fill(std::optional<Value> &value, const std::optional<Value> &other)
{
    if (!value)
        value = other;
}

template <typename Value> void fill(Value &value, const Value &other)
{
    if (value == Value{})
        value = other;
}

// What is not known yet.
void complete(ModelTraits &traits, const ModelTraits &other)
{
    // Of a model that one source knows to reason and another does not, the efforts are worth
    // nothing.
    const bool agree = (traits.reasoning == ModelTraits::Reasoning::None)
            == (other.reasoning == ModelTraits::Reasoning::None)
        || traits.reasoning == ModelTraits::Reasoning::Unknown;
    fill(traits.contextTokens, other.contextTokens);
    fill(traits.maxOutputTokens, other.maxOutputTokens);
    fill(traits.reasoning, other.reasoning);
    fill(traits.sampling, other.sampling);
    // One vendor may refuse what the family takes elsewhere.
    if (traits.sampling == ModelTraits::Sampling::Always
        && other.sampling == ModelTraits::Sampling::Never)
        traits.sampling = other.sampling;
    if (agree)
        fill(traits.efforts, other.efforts);
    for (const auto flag :
         {&ModelTraits::tools, &ModelTraits::structuredOutput, &ModelTraits::imageInput,
          &ModelTraits::pdfInput, &ModelTraits::audioInput, &ModelTraits::videoInput,
          &ModelTraits::adaptiveThinking, &ModelTraits::thinkingLevels, &ModelTraits::signsCalls,
          &ModelTraits::jsonSchemaTools, &ModelTraits::midConversationSystem, &ModelTraits::prefill,
          &ModelTraits::temperatureAndTopP, &ModelTraits::forcedTools})
        fill(traits.*flag, other.*flag);
}

// The price catalogue says what a model can, and is silent on what it cannot.
ModelTraits traitsOf(const CatalogueEntry &entry)
{
    ModelTraits traits;
    traits.contextTokens = entry.contextTokens;
    traits.maxOutputTokens = entry.price.maxOutputTokens;
    const auto can = [&entry](Capability what) {
        return (entry.capabilities & what) ? std::optional<bool>(true) : std::nullopt;
    };
    traits.tools = can(Tools);
    traits.structuredOutput = can(StructuredOutput);
    traits.imageInput = can(ImageInput);
    traits.pdfInput = can(PdfInput);
    traits.audioInput = can(AudioInput);
    traits.videoInput = can(VideoInput);
    if (can(Reasoning))
        traits.reasoning = ModelTraits::Reasoning::Some;
    if (can(FixedSampling))
        traits.sampling = ModelTraits::Sampling::Never;
    return traits;
}

} // namespace

bool fitsPattern(QByteArrayView name, QByteArrayView pattern)
{
    qsizetype n = 0;
    qsizetype p = 0;
    qsizetype star = -1; // the last one seen, and what it stands for so far ends at `taken`
    qsizetype taken = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star >= 0) {
            p = star + 1;
            n = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

ModelTraits modelTraits(QByteArrayView provider, QByteArrayView model)
{
    static const Tables tables = readTables();
    ModelTraits traits;
    const QByteArray name
        = model.sliced(model.lastIndexOf('/') + 1).toByteArray().toLower(); // without its path
    const auto family
        = std::find_if(tables.families.begin(), tables.families.end(),
                       [&name](const FamilyRow &row) { return fitsPattern(name, row.pattern); });
    if (family != tables.families.end())
        traits = family->traits;
    const Price *const key
        = tables.names.find(provider, model, std::numeric_limits<std::int64_t>::max());
    if (key)
        complete(traits, tables.models[static_cast<std::size_t>(key->id - 1)].traits);
    if (const CatalogueEntry *const entry = modelFacts(provider, model))
        complete(traits, traitsOf(*entry));
    return traits;
}

} // namespace tollgate::ledger
