// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/dropped.h"
#include "core/conversation/event.h"
#include "core/conversation/seal.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::conversation;

namespace {

Response folded(const StreamEvents &events)
{
    Folder folder(Dialect::Chat);
    for (const StreamEvent &event : events)
        folder.add(event);
    return folder.take();
}

Response rich()
{
    Response response;
    response.id = "id";
    response.model = "m";
    response.createdS = 7;
    response.usage = Usage{{.input = 3, .output = 4}, false, {}};
    Candidate candidate;
    Part thought{Reasoning{"abcd", true, {2}, Sealed{Sealed::Owner::Anthropic, "sig", {}}}};
    Part text{Text{"hello", {Citation{"https://x", "X"}}}};
    text.itemId = "msg_1";
    Part call{ToolCall{ToolCall::Kind::Function, "call_1", "f", R"({"a":1.0})"}};
    candidate.message.parts = {thought, text, call};
    candidate.stop = {StopReason::ToolUse, {}, "tool_calls"};
    candidate.logprobs = R"({"content":[{"token":"a"},{"token":"b"}],"refusal":null})";
    response.candidates = {candidate, candidate};
    response.candidates[1].index = 1;
    response.native = {{Dialect::Chat, "system_fingerprint", "\"fp\""}};
    return response;
}

} // namespace

class TestFolder final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void foldingWhatWasUnfoldedGivesTheSame() { QVERIFY(folded(unfold(rich())) == rich()); }
    void deltasAddUp();
    void ordersCandidatesByIndex();
    void ignoresWhatHasNoPlace();
    void sealsComeBackThroughForeignDialects();
    void damagedSealsAreNobodys();
    void droppedNamesAreBounded();
};

void TestFolder::deltasAddUp()
{
    using Kind = PartDelta::Kind;
    const Response response = folded({
        StreamStart{"id", "m"},
        PartStart{0, 0, Part{Reasoning{}}},
        PartDelta{0, 0, Kind::Text, "ab"},
        PartDelta{0, 0, Kind::Break},
        PartDelta{0, 0, Kind::Text, "cd"},
        PartDelta{0, 0, Kind::Seal, {}, Sealed{Sealed::Owner::Gemini, "s", {}}},
        PartEnd{0, 0},
        PartStart{0, 1, Part{ToolCall{ToolCall::Kind::Function, "c", "f"}}},
        PartDelta{0, 1, Kind::Arguments, "{\"a\""},
        PartDelta{0, 1, Kind::Arguments, ":1}"},
        PartEnd{0, 1, {{Dialect::Chat, "x", "1"}}},
        CandidateStop{0, {StopReason::ToolUse, {}, "tool_calls"}},
        UsageReport{{{.input = 1}}},
        UsageReport{{{.input = 2}}},
        StreamEnd{},
    });
    QCOMPARE(response.candidates.size(), std::size_t(1));
    const auto &parts = response.candidates[0].message.parts;
    QVERIFY(parts[0].body
            == (decltype(Part::body)(
                Reasoning{"abcd", false, {2}, Sealed{Sealed::Owner::Gemini, "s", {}}})));
    QCOMPARE(std::get<ToolCall>(parts[1].body).arguments, QByteArray(R"({"a":1})"));
    QCOMPARE(parts[1].native.size(), std::size_t(1));
    QCOMPARE(response.usage->counts.input, 2);
}

void TestFolder::ordersCandidatesByIndex()
{
    const Response response
        = folded({StreamStart{}, PartStart{2, 0, Part{Text{"c"}}}, PartStart{0, 0, Part{Text{"a"}}},
                  LogprobsDelta{2, "{\"token\":\"c\"}", {}}, StreamEnd{}});
    QCOMPARE(response.candidates.size(), std::size_t(2));
    QCOMPARE(response.candidates[0].index, 0);
    QVERIFY(response.candidates[0].logprobs.isEmpty());
    QCOMPARE(response.candidates[1].logprobs,
             QByteArray(R"({"content":[{"token":"c"}],"refusal":null})"));
}

void TestFolder::ignoresWhatHasNoPlace()
{
    const Response response = folded({StreamStart{}, PartDelta{0, 5, PartDelta::Kind::Text, "lost"},
                                      PartStart{0, 3, Part{Text{"gap"}}}, PartEnd{0, -1}});
    QVERIFY(response.candidates[0].message.parts.empty());
}

void TestFolder::sealsComeBackThroughForeignDialects()
{
    const Sealed sealed{Sealed::Owner::OpenAi, QByteArray("a.b/c+\0d", 8), "rs_1"};
    const QByteArray foreign = wrapSeal(sealed, Sealed::Owner::Anthropic);
    QVERIFY(foreign != sealed.data);
    QVERIFY(unwrapSeal(foreign, Sealed::Owner::Anthropic) == sealed);
    const Sealed own{Sealed::Owner::Anthropic, "EqQB", {}};
    QCOMPARE(wrapSeal(own, Sealed::Owner::Anthropic), QByteArray("EqQB"));
    QVERIFY(unwrapSeal("EqQB", Sealed::Owner::Anthropic) == own);
}

void TestFolder::damagedSealsAreNobodys()
{
    for (const char *damaged : {"tollgate.", "tollgate.gemini.x", "tollgate.nobody..YQ",
                                "tollgate.gemini..Y!Q", "tollgate.gemini.a.b.c"})
        QVERIFY2(!unwrapSeal(damaged, Sealed::Owner::Gemini), damaged);
}

void TestFolder::droppedNamesAreBounded()
{
    Dropped dropped;
    dropped.note("seed");
    dropped.note("seed");
    dropped.note("a b,\r\nx: y");
    QCOMPARE(dropped.header(), QByteArray("seed, abx:y"));
    for (int i = 0; i < 100; ++i)
        dropped.note("m" + QByteArray::number(i));
    QCOMPARE(dropped.members().size(), 64);
}

QTEST_APPLESS_MAIN(TestFolder)
#include "test_folder.moc"
