// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandline.h"

#include <array>

namespace tollgate::app {
namespace {

constexpr OptionSpec kKeyStdin{"key-stdin", nullptr,
                               "read the provider key from standard input into the keychain"};
constexpr OptionSpec kKeyVault{
    "key-vault", nullptr, "read the provider key from standard input into the encrypted vault"};
constexpr OptionSpec kKeyEnv{"key-env", "VAR",
                             "take the provider key from this environment variable", "key_env",
                             Kind::Text};
constexpr OptionSpec kVersion{"if-version", "N", "refuse if the row has changed since version N",
                              "version", Kind::Integer};

constexpr std::array kServe{
    OptionSpec{"listen", "ADDR:PORT[,...]",
               "where to listen; default 127.0.0.1:4180 and [::1]:4180"},
    OptionSpec{"threads", "N", "threads that serve requests; default: cores, at most 4"},
    OptionSpec{"lan-plaintext", nullptr,
               "listen without TLS where other machines can reach it; they can then read tokens "
               "and prompts"},
};

constexpr std::array kChannelFields{
    OptionSpec{"provider", "ID", "kind of provider, such as openai, azure, anthropic, gemini",
               "provider", Kind::Text},
    OptionSpec{"base-url", "URL", "where the provider answers; default: the provider's own",
               "base_url", Kind::Text},
    kKeyStdin,
    kKeyVault,
    kKeyEnv,
    OptionSpec{"models", "a,b", "models it serves, as clients name them", "models", Kind::List},
    OptionSpec{"map", "a=b,...", "client's model name = provider's model name", "model_map",
               Kind::Map},
    OptionSpec{"header", "Name: value", "extra header sent upstream", "headers", Kind::Header},
    OptionSpec{"priority", "P", "higher is tried first; default 0", "priority", Kind::Integer},
    OptionSpec{"weight", "W", "share among channels of one priority; default 1", "weight",
               Kind::Integer},
    OptionSpec{"proxy", "URL", "http://, socks5:// or socks5h:// proxy for this channel", "proxy",
               Kind::Text},
    OptionSpec{"connect-timeout", "MS", "time to connect; 0 takes the setting", "connect_ms",
               Kind::Integer},
    OptionSpec{"first-byte-timeout", "MS", "time to the first byte; 0 takes the setting",
               "first_byte_ms", Kind::Integer},
    OptionSpec{"idle-timeout", "MS", "longest silence; 0 takes the setting", "idle_ms",
               Kind::Integer},
    OptionSpec{"total-timeout", "MS", "longest answer; 0 takes the setting", "total_ms",
               Kind::Integer},
    OptionSpec{"option", "name=value,...",
               "what this provider needs besides, such as api-version for azure", "options",
               Kind::Map},
    OptionSpec{"local", nullptr, "allow private and loopback addresses and http://", "local",
               Kind::On},
    OptionSpec{"disabled", nullptr, "add it, but do not use it yet", "enabled", Kind::Off},
};
constexpr std::array kChannelUpdate{
    OptionSpec{"rename", "NAME", "new name", "name", Kind::Text},
    OptionSpec{"base-url", "URL", "where the provider answers; another host needs its key again",
               "base_url", Kind::Text},
    OptionSpec{"models", "a,b", "models it serves, as clients name them", "models", Kind::List},
    OptionSpec{"map", "a=b,...", "client's model name = provider's model name", "model_map",
               Kind::Map},
    OptionSpec{"header", "Name: value", "extra header sent upstream; replaces those there were",
               "headers", Kind::Header},
    OptionSpec{"priority", "P", "higher is tried first", "priority", Kind::Integer},
    OptionSpec{"weight", "W", "share among channels of one priority", "weight", Kind::Integer},
    OptionSpec{"proxy", "URL", "proxy for this channel; empty for none", "proxy", Kind::Text},
    OptionSpec{"connect-timeout", "MS", "time to connect; 0 takes the setting", "connect_ms",
               Kind::Integer},
    OptionSpec{"first-byte-timeout", "MS", "time to the first byte; 0 takes the setting",
               "first_byte_ms", Kind::Integer},
    OptionSpec{"idle-timeout", "MS", "longest silence; 0 takes the setting", "idle_ms",
               Kind::Integer},
    OptionSpec{"total-timeout", "MS", "longest answer; 0 takes the setting", "total_ms",
               Kind::Integer},
    OptionSpec{"option", "name=value,...", "what this provider needs besides", "options",
               Kind::Map},
    OptionSpec{"local", "yes|no", "allow private and loopback addresses and http://", "local",
               Kind::YesNo},
    kVersion,
};
constexpr std::array kChannelTest{
    OptionSpec{"model", "MODEL", "model to ask; default: the first of the channel", "model",
               Kind::Text},
};
constexpr std::array kChannelModels{
    OptionSpec{"save", nullptr, "make the fetched list the channel's models", "save", Kind::On},
};
constexpr std::array kChannelPreview{
    OptionSpec{"provider", "ID", "kind of provider", "provider", Kind::Text},
    OptionSpec{"base-url", "URL", "base URL to try; default: the provider's own", "base_url",
               Kind::Text},
    OptionSpec{"option", "name=value,...", "what this provider needs besides", "options",
               Kind::Map},
};
constexpr std::array kKeyAdd{kKeyStdin, kKeyVault, kKeyEnv};
constexpr std::array kIfVersion{kVersion};

constexpr std::array kTokenFields{
    OptionSpec{"budget", "10/month", "US dollars in total (100) or a day, week or month (2.50/day)",
               "budget", Kind::Text},
    OptionSpec{"models", "a,b", "models it may use; a trailing * matches any rest", "models",
               Kind::List},
    OptionSpec{"expires", "30d", "after this time, on this date, or never", "expires", Kind::Text},
    OptionSpec{"ip", "CIDR,...", "addresses it may come from", "ip", Kind::List},
    OptionSpec{"rpm", "N", "requests a minute", "rpm", Kind::Integer},
    OptionSpec{"tpm", "N", "tokens a minute", "tpm", Kind::Integer},
    OptionSpec{"concurrency", "N", "requests at a time", "concurrency", Kind::Integer},
    OptionSpec{"metrics", nullptr, "may read /metrics, and nothing else", "metrics", Kind::On},
    OptionSpec{"recoverable", nullptr, "keep its text in the keychain, to be shown again",
               "recoverable", Kind::On},
};
constexpr std::array kTokenUpdate{
    OptionSpec{"rename", "NAME", "new name", "name", Kind::Text},
    OptionSpec{"budget", "10/month", "US dollars, or none", "budget", Kind::Text},
    OptionSpec{"models", "a,b", "models it may use; empty for all", "models", Kind::List},
    OptionSpec{"expires", "30d", "after this time, on this date, or never", "expires", Kind::Text},
    OptionSpec{"ip", "CIDR,...", "addresses it may come from; empty for all", "ip", Kind::List},
    OptionSpec{"rpm", "N", "requests a minute; 0 for no limit", "rpm", Kind::Integer},
    OptionSpec{"tpm", "N", "tokens a minute; 0 for no limit", "tpm", Kind::Integer},
    OptionSpec{"concurrency", "N", "requests at a time; 0 for no limit", "concurrency",
               Kind::Integer},
    kVersion,
};

constexpr std::array kPause{
    OptionSpec{"minutes", "N", "for this long; default: until it is resumed", "minutes",
               Kind::Integer},
};
constexpr std::array kRotate{
    OptionSpec{"grace", "10m", "the old text works on for this long; default: not at all", "grace",
               Kind::Text},
    kVersion,
};
constexpr std::array kPurge{
    OptionSpec{"all", nullptr, "everything, however young", "all", Kind::On},
};

constexpr std::array kLog{
    OptionSpec{"follow", nullptr, "go on and print requests as they end", "follow", Kind::On},
    OptionSpec{"limit", "N", "at most this many; default 50", "limit", Kind::Integer},
};
constexpr std::array kUsage{
    OptionSpec{"by", "WHAT", "model, token or channel; default model", "by", Kind::Text},
    OptionSpec{"since", "7d", "a time back or a date; default 7d", "since", Kind::Text},
    OptionSpec{"until", "WHEN", "a time back or a date; default now", "until", Kind::Text},
    OptionSpec{"csv", nullptr, "comma-separated values"},
};
constexpr std::array kPriceList{
    OptionSpec{"provider", "ID", "only this provider's", "provider", Kind::Text},
    OptionSpec{"user", nullptr, "only your own prices", "user", Kind::On},
};
constexpr std::array kPriceSet{
    OptionSpec{"provider", "ID", "for this provider only; default: any", "provider", Kind::Text},
    OptionSpec{"input", "USD", "US dollars a million input tokens", "input", Kind::Text},
    OptionSpec{"output", "USD", "US dollars a million output tokens", "output", Kind::Text},
    OptionSpec{"cache-read", "USD", "a million tokens read from the cache", "cache_read",
               Kind::Text},
    OptionSpec{"cache-write", "USD", "a million tokens written to the cache (5 minutes)",
               "cache_write", Kind::Text},
    OptionSpec{"cache-write-1h", "USD", "a million tokens written to the cache (1 hour)",
               "cache_write_1h", Kind::Text},
    OptionSpec{"reasoning", "USD", "a million reasoning tokens; default: as output", "reasoning",
               Kind::Text},
    OptionSpec{"audio-input", "USD", "a million audio input tokens", "audio_input", Kind::Text},
    OptionSpec{"audio-output", "USD", "a million audio output tokens", "audio_output", Kind::Text},
    OptionSpec{"image-input", "USD", "a million image input tokens", "image_input", Kind::Text},
    OptionSpec{"image-output", "USD", "a million image output tokens", "image_output", Kind::Text},
    OptionSpec{"request", "USD", "US dollars a request", "request", Kind::Text},
    OptionSpec{"image", "USD", "US dollars a picture that is made", "image", Kind::Text},
    OptionSpec{"audio-input-second", "USD", "a second of sound that is heard", "audio_input_second",
               Kind::Text},
    OptionSpec{"audio-output-second", "USD", "a second of sound that is made",
               "audio_output_second", Kind::Text},
    OptionSpec{"character", "USD", "a character that is read aloud", "character", Kind::Text},
    OptionSpec{"search", "USD", "a search of a ranking", "search", Kind::Text},
};
constexpr std::array kPriceUnset{
    OptionSpec{"provider", "ID", "the price for this provider; default: the one for any",
               "provider", Kind::Text},
};
constexpr std::array kDoctor{
    OptionSpec{"repair", nullptr, "set budget windows to what their records say", "repair",
               Kind::On},
    OptionSpec{"online", nullptr, "also ask each provider whether it answers and takes its key",
               "online", Kind::On},
};
constexpr std::array kExport{
    OptionSpec{"secrets", nullptr,
               "include provider keys, encrypted with a passphrase read from standard input"},
};
constexpr std::array kImport{
    OptionSpec{"secrets", nullptr,
               "also restore provider keys; the passphrase is read from standard input"},
    OptionSpec{"key-store", "keychain|vault", "where restored keys go; default keychain",
               "key_store", Kind::Text},
    OptionSpec{"dry-run", nullptr, "say what would change, and change nothing", "dry_run",
               Kind::On},
};
constexpr std::array kMigrate{
    OptionSpec{"set-aside", nullptr,
               "move a database that cannot be used out of the way, and begin a new one"},
    OptionSpec{"new", nullptr, "begin a new database where there was one and is none"},
};
constexpr std::array kAudit{
    OptionSpec{"limit", "N", "at most this many; default 50", "limit", Kind::Integer},
};
constexpr std::span<const OptionSpec> kNone;

// clang-format off
constexpr std::array kClientShow{
    OptionSpec{"model", "MODEL", "model to name in the snippets", "model", Kind::Text},
    OptionSpec{"base-url", "URL", "where Tollgate answers; default: its own address", "base_url",
               Kind::Text},
};
constexpr std::array kClient{
    OptionSpec{"model", "MODEL", "model it uses", "model", Kind::Text},
    OptionSpec{"small-model", "MODEL", "model for side jobs; default: the same", "small_model",
               Kind::Text},
    OptionSpec{"models", "a,b", "models it lists; default: the one", "models", Kind::List},
    OptionSpec{"base-url", "URL", "where Tollgate answers; default: its own address", "base_url",
               Kind::Text},
};

constexpr std::array kCommands {
    CommandSpec {"serve", "", "", "run the gateway until it is told to stop", kServe,
                 "SIGTERM and SIGINT let running requests end (setting gateway.drain), SIGHUP reloads.\n"
                 "With --json one line {\"url\",\"pid\"} is printed when it is ready."},
    CommandSpec {"channel add", "NAME", "name", "add a provider account", kChannelFields,
                 "A key never stands on the command line, where others can read it:\n"
                 "  tollgated channel add main --provider openai --key-stdin < key.txt"},
    CommandSpec {"channel list", "", "", "list provider accounts", kNone, ""},
    CommandSpec {"channel show", "NAME", "channel", "show one provider account", kNone, ""},
    CommandSpec {"channel update", "NAME", "channel", "change a provider account", kChannelUpdate, ""},
    CommandSpec {"channel test", "NAME", "channel", "send a small real request and tell where it fails", kChannelTest, ""},
    CommandSpec {"channel models", "NAME", "channel", "fetch the provider's model list", kChannelModels, ""},
    CommandSpec {"channel preview", "", "", "show the final URLs that a base URL leads to", kChannelPreview, ""},
    CommandSpec {"channel enable", "NAME", "channel", "use a channel again", kIfVersion, ""},
    CommandSpec {"channel disable", "NAME", "channel", "stop using a channel", kIfVersion, ""},
    CommandSpec {"channel pause", "NAME", "channel", "send no requests to a channel for a while", kPause, ""},
    CommandSpec {"channel resume", "NAME", "channel", "send requests to a paused channel again", kNone, ""},
    CommandSpec {"channel reset", "NAME", "channel", "try its keys again at once", kNone, ""},
    CommandSpec {"channel duplicate", "NAME", "channel", "copy a channel, switched off", kNone, ""},
    CommandSpec {"channel rm", "NAME", "channel", "move a channel to the trash, for 30 days", kIfVersion, ""},
    CommandSpec {"channel restore", "NAME", "channel", "take a channel out of the trash", kNone, ""},
    CommandSpec {"channel key add", "NAME", "channel", "add another key to a channel", kKeyAdd, ""},
    CommandSpec {"channel key rm", "NAME KEY", "channel key", "remove a key, by its number in channel show", kNone, ""},
    CommandSpec {"token add", "NAME", "name", "make a token and print it, this once", kTokenFields, ""},
    CommandSpec {"token list", "", "", "list tokens", kNone, ""},
    CommandSpec {"token show", "NAME", "token", "show one token", kNone, ""},
    CommandSpec {"token update", "NAME", "token", "change a token", kTokenUpdate, ""},
    CommandSpec {"token enable", "NAME", "token", "let a disabled token in again", kIfVersion, ""},
    CommandSpec {"token disable", "NAME", "token", "shut a token out", kIfVersion, ""},
    CommandSpec {"token revoke", "NAME", "token", "shut a token out for ever", kIfVersion, ""},
    CommandSpec {"token rotate", "NAME", "token", "make a new text for a token and print it", kRotate, ""},
    CommandSpec {"token reveal", "NAME", "token", "print a token that is kept", kNone, ""},
    CommandSpec {"token raise", "NAME AMOUNT", "token amount", "raise its budget once, until it resets", kNone, ""},
    CommandSpec {"token rm", "NAME", "token", "move a token to the trash, for 30 days", kIfVersion, ""},
    CommandSpec {"token restore", "NAME", "token", "take a token out of the trash", kNone, ""},
    CommandSpec {"trash list", "", "", "what was removed and can be restored", kNone, ""},
    CommandSpec {"trash purge", "", "", "let go of what was removed 30 days ago, keys and all", kPurge, ""},
    CommandSpec {"client list", "", "", "list the programs that can be connected, and which are here", kNone, ""},
    CommandSpec {"client show", "CLIENT", "client", "what to enter in a program by hand", kClientShow, ""},
    CommandSpec {"client preview", "CLIENT", "client", "show what connecting would change; the token is read from standard input", kClient, ""},
    CommandSpec {"client apply", "CLIENT", "client", "connect a program; the token is read from standard input", kClient,
                 "Only the keys that preview shows are written, after a copy of the file:\n"
                 "  tollgated client apply codex --model gpt-5 < token.txt"},
    CommandSpec {"client revert", "CLIENT", "client", "take back what connecting has changed", kNone, ""},
    CommandSpec {"client status", "", "", "which programs are connected, and who changed their settings since", kNone, ""},
    CommandSpec {"pause", "", "", "answer new requests with 503 until resumed", kPause, ""},
    CommandSpec {"resume", "", "", "answer requests again", kNone, ""},
    CommandSpec {"log", "[FILTER]...", "", "show requests, newest last", kLog,
                 "A filter is words such as model:gpt-5 token:ci channel:main status:5xx since:1h,\n"
                 "and plain text."},
    CommandSpec {"usage", "", "", "what was used and what it cost", kUsage, ""},
    CommandSpec {"price list", "[MODEL]", "model", "list prices, US dollars a million tokens", kPriceList, ""},
    CommandSpec {"price set", "MODEL", "model", "set your own price of a model", kPriceSet, ""},
    CommandSpec {"price unset", "MODEL", "model", "go back to the catalogue's price", kPriceUnset, ""},
    CommandSpec {"settings list", "", "", "list every setting, its value and what it means", kNone, ""},
    CommandSpec {"settings get", "NAME", "name", "show one setting", kNone, ""},
    CommandSpec {"settings set", "NAME VALUE", "name value", "change a setting", kNone, ""},
    CommandSpec {"settings unset", "NAME", "name", "go back to the default", kNone, ""},
    CommandSpec {"status", "", "", "what the daemon is doing", kNone, ""},
    CommandSpec {"reload", "", "", "read channels, tokens, keys and settings again", kNone, ""},
    CommandSpec {"vault create", "", "", "make the encrypted vault; the passphrase is read from standard input", kNone,
                 "For machines without a keychain. An unattended daemon opens it with the systemd credential\n"
                 "tollgate-vault-passphrase, or the file that TOLLGATE_VAULT_PASSPHRASE_FILE names."},
    CommandSpec {"vault unlock", "", "", "open the vault of the running daemon", kNone, ""},
    CommandSpec {"vault lock", "", "", "close it again", kNone, ""},
    CommandSpec {"provider list", "", "", "list the kinds of provider", kNone, ""},
    CommandSpec {"doctor", "", "", "check everything; say what is wrong and how to mend it", kDoctor, ""},
    CommandSpec {"check", "", "", "verify the books: every invariant of the ledger", kNone, ""},
    CommandSpec {"audit", "", "", "who changed what", kAudit, ""},
    CommandSpec {"export", "FILE", "", "write channels, tokens, prices and settings to a file", kExport,
                 "\"-\" is standard output. Keys are left out unless --secrets is given."},
    CommandSpec {"import", "FILE", "", "read what export wrote", kImport, "\"-\" is standard input."},
    CommandSpec {"backup", "FILE", "", "write a copy of the whole database, while it runs", kNone, ""},
    CommandSpec {"migrate", "", "", "bring the database to this version's schema", kMigrate, ""},
};
// clang-format on

} // namespace

std::span<const CommandSpec> commands()
{
    return kCommands;
}

} // namespace tollgate::app
