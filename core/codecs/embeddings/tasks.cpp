// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/embeddings/embeddings.h"

#include <array>

namespace tollgate::codecs::embeddings {
namespace {

struct Row
{
    Task task;
    QByteArrayView gemini;
    QByteArrayView cohere;
    QByteArrayView voyage;
    QByteArrayView jina;
};

// Where a vendor has no word for a task, the nearest; the first row that has a word is its meaning.
constexpr std::array kRows{
    Row{Task::Query, "RETRIEVAL_QUERY", "search_query", "query", "retrieval.query"},
    Row{Task::Document, "RETRIEVAL_DOCUMENT", "search_document", "document", "retrieval.passage"},
    Row{Task::Classification, "CLASSIFICATION", "classification", "", "classification"},
    Row{Task::Clustering, "CLUSTERING", "clustering", "", "separation"},
    Row{Task::Similarity, "SEMANTIC_SIMILARITY", "clustering", "", "text-matching"},
    Row{Task::QuestionAnswering, "QUESTION_ANSWERING", "search_query", "query", "retrieval.query"},
    Row{Task::FactVerification, "FACT_VERIFICATION", "search_query", "query", "retrieval.query"},
    Row{Task::CodeQuery, "CODE_RETRIEVAL_QUERY", "search_query", "query", "retrieval.query"},
};

QByteArrayView word(Shape shape, const Row &row)
{
    switch (shape) {
    case Shape::Gemini:
    case Shape::GeminiBatch:
        return row.gemini;
    case Shape::Cohere:
        return row.cohere;
    case Shape::Voyage:
        return row.voyage;
    case Shape::Jina:
        return row.jina;
    case Shape::OpenAi:
    case Shape::Ollama:
    case Shape::OllamaOne:
        break;
    }
    return {};
}

} // namespace

QByteArray taskName(Shape shape, Task task)
{
    for (const Row &row : kRows) {
        if (row.task == task)
            return word(shape, row).toByteArray();
    }
    return {};
}

Task taskNamed(Shape shape, QByteArrayView name)
{
    for (const Row &row : kRows) {
        if (!name.isEmpty() && word(shape, row) == name)
            return row.task;
    }
    return Task::Unset;
}

qsizetype mostInputs(Shape shape)
{
    switch (shape) {
    case Shape::Gemini:
    case Shape::OllamaOne:
        return 1;
    case Shape::Cohere:
        return 96;
    case Shape::GeminiBatch:
        return 100;
    case Shape::Voyage:
        return 1000;
    case Shape::OpenAi:
    case Shape::Ollama:
    case Shape::Jina:
        break;
    }
    return 2048;
}

} // namespace tollgate::codecs::embeddings
