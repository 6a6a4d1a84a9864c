// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/keychain.h"

#include <QTest>

using namespace tollgate::secrets;

class TestClassify : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void codesAndTextsBecomeStates_data()
    {
        QTest::addColumn<int>("error");
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("state");
        const auto row = [](QKeychain::Error error, const char *text, KeyState state) {
            QTest::addRow("%d %s", int(error), text)
                << int(error) << QString::fromUtf8(text) << int(state);
        };
        using QKeychain::OtherError;
        row(QKeychain::NoError, "", KeyState::Present);
        row(QKeychain::EntryNotFound, "", KeyState::Absent);
        row(QKeychain::AccessDenied, "", KeyState::Denied);
        row(QKeychain::AccessDeniedByUser, "", KeyState::Denied);
        row(QKeychain::NoBackendAvailable, "", KeyState::Unavailable);
        row(QKeychain::NotImplemented, "", KeyState::Unavailable);
        row(OtherError, "", KeyState::Unavailable);
        row(OtherError, "Cannot autolaunch D-Bus without X11 $DISPLAY", KeyState::Unavailable);
        row(OtherError, "The name org.freedesktop.secrets was not provided by any .service files",
            KeyState::Unavailable);
        row(OtherError, "Object does not exist at path “/org/freedesktop/secrets/collection/login”",
            KeyState::Locked);
        row(OtherError, "GDBus.Error:org.freedesktop.Secret.Error.IsLocked: x", KeyState::Locked);
        row(OtherError, "Cannot create an item in a locked collection", KeyState::Locked);
        row(OtherError, "The prompt was dismissed", KeyState::Denied);
        row(OtherError, "Operation was cancelled", KeyState::Denied);
        row(QKeychain::CouldNotDeleteEntry, "Access denied", KeyState::Denied);
    }
    void codesAndTextsBecomeStates()
    {
        QFETCH(int, error);
        QFETCH(QString, text);
        QFETCH(int, state);
        const KeyState found = classify(QKeychain::Error(error), text);
        QCOMPARE(int(found), state);
        QCOMPARE(describe(found, text).isEmpty(), found == KeyState::Present);
    }
};

QTEST_APPLESS_MAIN(TestClassify)
#include "test_classify.moc"
