// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/media.h"

#include <QtTest>

using namespace tollgate::conversation;

class TestMedia final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void dataUrlsAreTakenApart_data();
    void dataUrlsAreTakenApart();
    void otherTextIsNoDataUrl_data();
    void otherTextIsNoDataUrl();
    void aUrlBecomesMedia();
    void firstBytesTellTheType_data();
    void firstBytesTellTheType();
    void typesHaveKindsAndExtensions();
};

void TestMedia::dataUrlsAreTakenApart_data()
{
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<QByteArray>("mime");
    QTest::addColumn<QByteArray>("base64");
    const auto row = [](const char *url, const char *mime, const char *base64) {
        QTest::newRow(url) << QByteArray(url) << QByteArray(mime) << QByteArray(base64);
    };
    row("data:image/png;base64,iVBORw==", "image/png", "iVBORw==");
    row("DATA:Image/PNG;Base64,iVBORw==", "image/png", "iVBORw==");
    row("data:;base64,YQ==", "text/plain", "YQ==");
    row("data:text/plain;charset=utf-8;base64,YQ==", "text/plain", "YQ==");
    row("data:image/png;base64,a%2Bb%3D", "image/png", "a+b=");
    row("data:image/png;base64,ab\r\nc d", "image/png", "abcd");
    row("data:image/png;base64,-_8=", "image/png", "+/8=");
    row("data:image/png;base64,", "image/png", "");
}

void TestMedia::dataUrlsAreTakenApart()
{
    QFETCH(const QByteArray, url);
    const auto taken = parseDataUrl(url);
    QVERIFY(taken);
    QTEST(taken->mime, "mime");
    QTEST(taken->base64, "base64");
    const auto again = parseDataUrl(dataUrl(taken->mime, taken->base64));
    QVERIFY(again);
    QCOMPARE(again->base64, taken->base64);
    QCOMPARE(again->mime, taken->mime);
}

void TestMedia::otherTextIsNoDataUrl_data()
{
    QTest::addColumn<QByteArray>("url");
    for (const char *url : {"", "data:", "data:image/png;base64", "https://example.org/a.png",
                            "data:text/plain,hello", "data:image/png;base64,a*b", "file:///a,b"})
        QTest::newRow(url) << QByteArray(url);
}

void TestMedia::otherTextIsNoDataUrl()
{
    QFETCH(const QByteArray, url);
    QVERIFY(!parseDataUrl(url));
}

void TestMedia::aUrlBecomesMedia()
{
    const Media far = mediaFromUrl(Media::Kind::Image, "https://example.org/a.png");
    QCOMPARE(far.source, Media::Source::Url);
    QCOMPARE(far.data, QByteArray("https://example.org/a.png"));
    const Media near = mediaFromUrl(Media::Kind::Audio, "data:audio/wav;base64,UklGRg==");
    QCOMPARE(near.source, Media::Source::Base64);
    QCOMPARE(near.kind, Media::Kind::Audio);
    QCOMPARE(near.mime, QByteArray("audio/wav"));
    QCOMPARE(near.data, QByteArray("UklGRg=="));
    const Media plain = mediaFromUrl(Media::Kind::Document, "data:text/plain,a%20b");
    QCOMPARE(plain.source, Media::Source::Base64);
    QCOMPARE(QByteArray::fromBase64(plain.data), QByteArray("a b"));
}

void TestMedia::firstBytesTellTheType_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("mime");
    const auto row = [](const char *mime, QByteArray bytes) {
        QTest::newRow(mime) << bytes << QByteArray(mime);
    };
    row("image/png", "\x89PNG\r\n\x1a\n and so on");
    row("image/jpeg", "\xFF\xD8\xFF\xE0");
    row("image/gif", "GIF89a");
    row("image/webp", "RIFF....WEBPVP8 ");
    row("audio/wav", "RIFF....WAVEfmt ");
    row("application/pdf", "%PDF-1.7");
    row("audio/mpeg", "ID3.");
    row("audio/aac", "\xFF\xF1\x50");
    row("video/mp4", QByteArray("\0\0\0\x18", 4) + "ftypisom");
    row("audio/mp4", QByteArray("\0\0\0\x18", 4) + "ftypM4A ");
    row("image/heic", QByteArray("\0\0\0\x18", 4) + "ftypheic");
    row("image/tiff", QByteArray("II*\0....", 8));
    row("", "just some text");
    QTest::newRow("nothing") << QByteArray() << QByteArray();
    QTest::newRow("cut") << QByteArray("RIFF....WE") << QByteArray();
}

void TestMedia::firstBytesTellTheType()
{
    QFETCH(const QByteArray, bytes);
    const QByteArray base64 = bytes.toBase64();
    QTEST(sniffMime(base64), "mime");
    QTEST(sniffMime((bytes + QByteArray(4000, 'x')).toBase64()), "mime");
}

void TestMedia::typesHaveKindsAndExtensions()
{
    QCOMPARE(kindOfMime("image/PNG"), Media::Kind::Image);
    QCOMPARE(kindOfMime("audio/wav"), Media::Kind::Audio);
    QCOMPARE(kindOfMime("video/mp4"), Media::Kind::Video);
    QCOMPARE(kindOfMime("application/pdf"), Media::Kind::Document);
    QCOMPARE(kindOfMime(""), Media::Kind::Document);
    QCOMPARE(mimeOfExtension("Report.final.PDF"), QByteArray("application/pdf"));
    QCOMPARE(mimeOfExtension("wav"), QByteArray("audio/wav"));
    QCOMPARE(mimeOfExtension("strange"), QByteArray());
    QCOMPARE(mimeOfExtension(""), QByteArray());
    QCOMPARE(extensionOfMime("image/jpeg"), QByteArray("jpg"));
    QCOMPARE(extensionOfMime("Audio/MPEG; rate=1"), QByteArray("mp3"));
    QCOMPARE(extensionOfMime("x/y"), QByteArray());
    for (const char *extension : {"png", "jpg", "gif", "webp", "wav", "mp3", "pdf", "mp4", "txt"})
        QCOMPARE(extensionOfMime(mimeOfExtension(extension)), QByteArray(extension));
}

QTEST_APPLESS_MAIN(TestMedia)
#include "test_media.moc"
