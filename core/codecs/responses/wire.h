// SPDX-License-Identifier: GPL-3.0-or-later
// What the files of this codec share: items and their contents, tools, ids, usage.
#pragma once

#include "core/conversation/conversation.h"

namespace tollgate::codecs::responses {

using namespace conversation;

// ---- names and ids (names.cpp)

// The one name that a tool of a namespace has in dialects without namespaces; at most 64 bytes.
[[nodiscard]] QByteArray joinedName(QByteArrayView space, QByteArrayView name);
struct SpacedName
{
    QByteArray space; // empty: none
    QByteArray name;
};
// The reverse, for a call or a tool: by its own native members, else as the request declared it.
[[nodiscard]] SpacedName spacedName(const QByteArray &name, const Native &native,
                                    const Request *request);
[[nodiscard]] const Tool *declaredTool(QByteArrayView name, const Request *request);

// "msg_tg_<request>_<index>": the same for the same answer; no vendor has made it.
[[nodiscard]] QByteArray madeId(QByteArrayView prefix, QByteArrayView requestId, qsizetype index);
[[nodiscard]] bool isMadeId(QByteArrayView id);

// The members of an object that are not in `known`, as an object; empty where there are none.
[[nodiscard]] QByteArray leftover(JsonValue object, std::initializer_list<QByteArrayView> known);
void writeLeftover(JsonWriter &out, const QByteArray &object);
[[nodiscard]] QByteArray quoted(QByteArrayView text);
[[nodiscard]] QByteArray unquoted(const QByteArray &json);

// ---- contents of messages and tool results (content.cpp)

enum class Side { History, Answer };

// Text, Media, Refusal or Opaque. The log probabilities of an answer's text are not in it.
[[nodiscard]] Part readContent(JsonValue part, Side side);
// An answer's text part: the elements of its logprobs, without brackets.
[[nodiscard]] QByteArray readLogprobs(JsonValue part);
void writeOutputText(JsonWriter &out, const Text &text, const Native &native,
                     const QByteArray &logprobs);
void writeAnnotation(JsonWriter &out, const Citation &citation);
// The object is left open for what else the part says. False, and nothing written, where Responses
// has no such content.
void writeInput(JsonWriter &out, const Text &text);
[[nodiscard]] bool writeInput(JsonWriter &out, const Media &media, bool detailed);

// ---- items (itemreader.cpp, itemwriter.cpp)

struct Item
{
    enum class Place { System, User, Result, Assistant };
    Place place = Place::Assistant;
    bool developer = false;
    bool message = false; // a message item, of whatever role
    std::vector<Part> parts; // what belongs to the item as such is in the last one's native bag
    QByteArray logprobs; // of an answer
};
[[nodiscard]] Item readItem(JsonValue item, Side side);

// Seals that belong to a call or a text travel in a reasoning item of their own beside it.
[[nodiscard]] bool carriesSeal(const Part &part);
[[nodiscard]] Part sealCarrier(const Sealed &sealed, bool before);
void settleSeals(std::vector<Part> &parts);

// Parts from `first` that make one item.
[[nodiscard]] std::size_t itemEnd(const std::vector<Part> &parts, std::size_t first);
// The item's type, as its writer will spell it; empty where an answer has no item for it.
[[nodiscard]] QByteArray itemType(const Part &part, const Request *request);
[[nodiscard]] QByteArray idPrefix(const QByteArray &type);

struct ItemStyle
{
    const Request *request = nullptr; // whose tools are called
    bool summarise = false; // full reasoning as a summary: what the client asked to see
    QByteArray logprobs;
};
// One whole item of an answer.
[[nodiscard]] QByteArray answerItem(const Part *first, std::size_t count, const QByteArray &id,
                                    const ItemStyle &style);
// The same at its beginning, empty.
[[nodiscard]] QByteArray openItem(const Part &part, const QByteArray &id, const ItemStyle &style);
// All items of an answer.
[[nodiscard]] std::vector<QByteArray> answerItems(const Candidate &candidate,
                                                  const QByteArray &requestId, ItemStyle style);
[[nodiscard]] bool wantsSummaries(const Request *request);
// {type, text} of each paragraph.
void writeParagraphs(JsonWriter &out, const Reasoning &reasoning, QByteArrayView type);

// ---- tools (tools.cpp)

[[nodiscard]] Result<std::vector<Tool>> readTools(JsonValue tools);
[[nodiscard]] Result<ToolChoice> readChoice(JsonValue choice, Native &native);
struct ToolStyle
{
    bool foreign = false; // asked in another dialect, whose default is strict: false
    bool strict = true; // the vendor takes it
    bool echoed = false; // in an answer, where the default is told
};
// One of OpenAI's service tiers: clients with types of their own read no other.
[[nodiscard]] bool isTier(const QByteArray &tier);
void writeTools(JsonWriter &out, const std::vector<Tool> &tools, const ToolStyle &style,
                Dropped &dropped);
// The value of tool_choice; nothing is written where nothing was asked.
[[nodiscard]] QByteArray choiceValue(const Request &request, bool takesRequired);

// ---- requests and answers

[[nodiscard]] Result<Request> readRequest(QByteArrayView body);
[[nodiscard]] Result<EncodedRequest> writeRequest(const Request &request, const Target &target);
// "text" and "reasoning" as asked; also echoed.
void writeText(JsonWriter &out, const Request &request, const Target &target);
void writeReasoning(JsonWriter &out, const Request &request, const Target &target);
// Whether a leading system message is told as instructions: as it was, or because it is plain.
[[nodiscard]] bool inInstructions(const Message &message, bool foreign);
[[nodiscard]] QByteArray instructionsOf(const Request &request);
// The items of a conversation as the value of "input".
[[nodiscard]] Result<QByteArray> inputOf(const Request &request, const Target &target,
                                         Dropped &dropped);

[[nodiscard]] Usage readUsage(JsonValue usage);
void writeUsage(JsonWriter &out, const std::optional<Usage> &usage);

[[nodiscard]] Result<Response> readResponse(QByteArrayView body);
// Everything of a response object but its items.
void readHead(JsonValue object, Response &response);
[[nodiscard]] Stop readStop(JsonValue object, const std::vector<Part> &parts);
[[nodiscard]] Error toldFailure(JsonValue object); // of {"error": {…}}
[[nodiscard]] QByteArray writeResponse(const Response &response, const AnswerContext &context);
// The response object as it stands.
struct Standing
{
    const Response *response = nullptr;
    const AnswerContext *context = nullptr;
    const std::vector<QByteArray> *items = nullptr;
    bool ended = false;
    const Error *error = nullptr;
};
// The id that the part's item must have: its own, or that of the reasoning it seals; may be empty.
[[nodiscard]] QByteArray knownItemId(const Part &part);
[[nodiscard]] QByteArray responseObject(const Standing &standing);
// Why an answer is incomplete; empty where it is complete.
[[nodiscard]] QByteArray incompleteReason(const Response &response);
[[nodiscard]] QByteArray responseId(const Response &response, const AnswerContext &context);

[[nodiscard]] std::unique_ptr<StreamDecoder> streamReader();
[[nodiscard]] std::unique_ptr<StreamEncoder> streamWriter(const AnswerContext &context);

} // namespace tollgate::codecs::responses
