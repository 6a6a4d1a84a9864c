// SPDX-License-Identifier: GPL-3.0-or-later
// What fuzzing keeps, run through the same claims without libFuzzer: the smallest inputs that reach
// the furthest, and those that once failed.
#include "tests/fuzz/targets.h"

#include <QDir>
#include <QtTest>

#include <iostream>

using namespace tollgate;

class TestFuzzCorpus final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKeptInputHolds_data();
    void everyKeptInputHolds();
};

void TestFuzzCorpus::everyKeptInputHolds_data()
{
    QTest::addColumn<QByteArray>("target");
    for (const fuzz::Target &target : fuzz::targets())
        QTest::newRow(target.name) << QByteArray(target.name);
}

// A claim that fails ends the program and says which; the name of the input is said before.
void TestFuzzCorpus::everyKeptInputHolds()
{
    QFETCH(QByteArray, target);
    const QDir folder(qEnvironmentVariable("TOLLGATE_FUZZ_CORPUS") + u'/'
                      + QString::fromUtf8(target));
    const QStringList names = folder.entryList(QDir::Files);
    QVERIFY2(!names.isEmpty(), "no input is kept");
    for (const QString &name : names) {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray input = file.readAll();
        std::cerr << target.constData() << '/' << qPrintable(name) << '\n';
        fuzz::targetNamed(target)->run(input);
    }
}

QTEST_APPLESS_MAIN(TestFuzzCorpus)
#include "test_fuzz_corpus.moc"
