// SPDX-License-Identifier: GPL-3.0-or-later
// Every recorded exchange in this dialect, there and back.
#include "core/codecs/responses/responses.h"
#include "core/protocol/jsontree.h"
#include "tests/codecs/properties.h"

#include <QRegularExpression>
#include <QTest>

#include <algorithm>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

// False is what silence means; whether it was true the canonical value tells.
const QStringList kSilence{QStringLiteral("stream")};

bool startsWithBrace(const QByteArray &body)
{
    return body.trimmed().startsWith('{');
}

// The response in the terminal event; empty where the stream has none that ended well.
QByteArray wholeIn(const std::vector<WireEvent> &wire)
{
    for (const WireEvent &event : wire) {
        const auto tree = protocol::JsonTree::parse(event.data);
        if (!tree)
            continue;
        const JsonValue type = tree->root()["type"];
        if (type.is("response.completed") || type.is("response.incomplete"))
            return tree->root()["response"].json();
    }
    return {};
}

bool tellsError(const QByteArray &body)
{
    const auto tree = protocol::JsonTree::parse(body);
    return tree && tree->root()["error"].isSet();
}

// Recordings whose deltas or ids say something else than their own terminal event (ids that a proxy
// rotates, text edited by hand), or whose terminal event was cut down to a few members.
bool trimmed(const QString &file)
{
    return file.contains(u"id-rotation") || file.contains(u"openai-shell-container.1.chunks")
        || file.contains(u"openai-phase.1.chunks");
}

// OpenAI seals an item anew for the terminal event: the bytes differ, what they say does not.
Response veiled(Response response)
{
    static const QRegularExpression seal(
        QStringLiteral("\"(encrypted_content|fingerprint)\":\"[^\"]*\""));
    for (Candidate &candidate : response.candidates) {
        for (Part &part : candidate.message.parts) {
            if (auto *reasoning = std::get_if<Reasoning>(&part.body);
                reasoning && reasoning->sealed)
                reasoning->sealed->data = "sealed";
            if (auto *opaque = std::get_if<Opaque>(&part.body))
                opaque->json = QString::fromUtf8(opaque->json).remove(seal).toUtf8();
        }
    }
    return response;
}

bool readable(const std::vector<WireEvent> &wire)
{
    return std::all_of(wire.begin(), wire.end(), [](const WireEvent &event) {
        return protocol::JsonTree::parse(event.data).has_value();
    });
}

} // namespace

class TestResponsesTraffic : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_recorded = recordedIn(protocol::Dialect::Responses);
        if (m_recorded.empty())
            QSKIP("TOLLGATE_FIXTURES does not name a folder with recorded traffic");
    }

    void requestsComeBackWhole()
    {
        const Target target;
        int seen = 0;
        for (const Recorded &recorded : m_recorded) {
            if (!startsWithBrace(recorded.request))
                continue;
            ++seen;
            const QString wrong
                = requestSurvives(codecs::responsesCodec(), recorded.request, target, kSilence);
            if (!wrong.isEmpty())
                report(recorded, wrong);
        }
        QVERIFY(seen > 150);
        conclude();
    }

    void answersComeBackWhole()
    {
        int seen = 0;
        for (const Recorded &recorded : m_recorded) {
            if (recorded.stream || recorded.status != 200 || !startsWithBrace(recorded.body))
                continue;
            if (tellsError(recorded.body)) {
                QVERIFY2(!codecs::responsesCodec().decodeResponse(recorded.body),
                         qPrintable(recorded.file));
                continue;
            }
            ++seen;
            const QString wrong = responseSurvives(codecs::responsesCodec(), recorded.body, {});
            if (!wrong.isEmpty())
                report(recorded, wrong);
        }
        QVERIFY(seen > 150);
        conclude();
    }

    void foldedStreamsAreTheWholeAnswer()
    {
        int seen = 0;
        for (const Recorded &recorded : m_recorded) {
            if (!recorded.stream || recorded.status != 200)
                continue;
            const std::vector<WireEvent> wire = wireEvents(recorded.body);
            const QByteArray whole = wholeIn(wire);
            if (whole.isEmpty() || !readable(wire) || trimmed(recorded.file))
                continue;
            ++seen;
            const auto expected = codecs::responsesCodec().decodeResponse(whole);
            QVERIFY2(expected, qPrintable(recorded.file));
            const StreamEvents events = decodeStream(codecs::responsesCodec(), wire);
            if (const QString wrong = grammarOf(events); !wrong.isEmpty())
                report(recorded, wrong);
            const QString differs
                = difference(describe(veiled(*expected)),
                             describe(veiled(foldEvents(codecs::responsesCodec(), events))));
            if (!differs.isEmpty())
                report(recorded, differs);
        }
        QVERIFY(seen > 60);
        conclude();
    }

    void streamsComeBackTheSame()
    {
        for (const Recorded &recorded : m_recorded) {
            if (!recorded.stream || recorded.status != 200)
                continue;
            const std::vector<WireEvent> wire = wireEvents(recorded.body);
            if (!readable(wire) || trimmed(recorded.file))
                continue;
            const QString wrong = streamSurvives(codecs::responsesCodec(), wire, {});
            if (!wrong.isEmpty())
                report(recorded, wrong);
        }
        conclude();
    }

    void streamsCutAnywhereNeverComplete()
    {
        for (const Recorded &recorded : m_recorded) {
            if (!recorded.stream || recorded.status != 200)
                continue;
            const QString wrong = cutsAreTold(codecs::responsesCodec(), wireEvents(recorded.body));
            if (!wrong.isEmpty())
                report(recorded, wrong);
        }
        conclude();
    }

private:
    void report(const Recorded &recorded, const QString &wrong)
    {
        m_wrong += recorded.file + QStringLiteral("\n    ") + wrong.left(150);
    }
    void conclude()
    {
        const QStringList wrong = std::exchange(m_wrong, {});
        constexpr int kShown = 20;
        constexpr int kMost = 8000;
        QVERIFY2(wrong.isEmpty(),
                 qPrintable(QString::number(wrong.size()) + QStringLiteral(" wrong:\n")
                            + wrong.mid(0, kShown).join(u'\n').left(kMost)));
    }

    std::vector<Recorded> m_recorded;
    QStringList m_wrong;
};

QTEST_APPLESS_MAIN(TestResponsesTraffic)
#include "test_responses_traffic.moc"
