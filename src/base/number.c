/* number.c - numbers, sizes and durations, read strictly.
 *
 * A file that says 010, 4K or 4_096 may mean two things. Rather than choose,
 * these readers refuse it and say which form was probably meant. The phrase
 * lives in a buffer of the calling thread until its next failing call.
 */
#include "vmscope/base/text.h"
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t factor;
};
static const struct unit size_units[] = {
    {"KiB", UINT64_C(1) << 10}, {"MiB", UINT64_C(1) << 20}, {"GiB", UINT64_C(1) << 30}, {NULL, 0}};
static const struct unit time_units[] = {
    {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {NULL, 0}};

/* Ways of writing a unit that people try, and the one that is taken. */
struct loose_unit {
    const char *said, *meant;
};
static const struct loose_unit loose_sizes[] = {{"k", "KiB"}, {"kb", "KiB"}, {"kib", "KiB"}, {"ki", "KiB"},
                                                {"m", "MiB"}, {"mb", "MiB"}, {"mib", "MiB"}, {"mi", "MiB"},
                                                {"g", "GiB"}, {"gb", "GiB"}, {"gib", "GiB"}, {"gi", "GiB"},
                                                {"b", ""},    {"bytes", ""}, {"byte", ""},   {NULL, NULL}};
static const struct loose_unit loose_times[] = {
    {"ns", "ns"},    {"nsec", "ns"},   {"us", "us"},   {"\xc2\xb5s", "us"}, {"\xce\xbcs", "us"},
    {"usec", "us"},  {"ms", "ms"},     {"msec", "ms"}, {"s", "s"},          {"sec", "s"},
    {"second", "s"}, {"seconds", "s"}, {NULL, NULL}};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
static unsigned hex_value(char c) { return (unsigned)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10); }
static bool is_separator(char c) { return c && strchr("_,' ", c); }

static size_t span_of(const char *s, bool (*is)(char)) {
    size_t n = 0;
    while (s[n] && is(s[n])) n++;
    return n;
}

/* A phrase for *why; returns false, for `return refuse(...)`. */
static bool refuse(const char **why, const char *before, const char *form, size_t form_len,
                   const char *after) {
    static _Thread_local char phrase[128];
    struct text t = text_in(phrase, sizeof phrase);
    text_add(&t, before);
    text_addn(&t, form, form_len < 40 ? form_len : 40);
    text_add(&t, after);
    if (why) *why = phrase;
    return false;
}
static bool refuse_plain(const char **why, const char *phrase) { return refuse(why, phrase, "", 0, ""); }

#define TOO_LARGE "too large: at most 18446744073709551615 (0xffffffffffffffff)"

/* n digits of that base; false when they do not fit 64 bits. */
static bool digits_value(const char *s, size_t n, unsigned base, uint64_t *out) {
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = hex_value(s[i]);
        if (v > (UINT64_MAX - d) / base) return false;
        v = v * base + d;
    }
    *out = v;
    return true;
}

/* "4_096": only digits with separators between them. */
static bool refuse_separators(const char *s, const char **why) {
    char joined[48];
    struct text t = text_in(joined, sizeof joined);
    for (; *s; s++)
        if (!is_separator(*s)) text_addc(&t, *s);
    size_t hex = strncmp(joined, "0x", 2) == 0 ? 2 : 0;
    if (joined[hex] == '\0' || joined[hex + span_of(joined + hex, hex ? is_hex : is_digit)])
        return refuse_plain(why, "not a number: write decimal digits, or 0x and hex digits");
    return refuse(why, "no blanks or separators inside a number: write ", joined, t.len, "");
}

/* "010": octal in C, ten for everybody else. */
static bool refuse_leading_zero(const char *s, size_t n, const char **why) {
    size_t zeros = strspn(s, "0");
    if (zeros == n) zeros = n - 1;
    uint64_t octal;
    char after[48];
    struct text t = text_in(after, sizeof after);
    if (n < 20 && strspn(s, "01234567") == n && digits_value(s, n, 8, &octal) && octal > 7)
        text_addf(&t, " (or %llu, if octal was meant)", (unsigned long long)octal);
    return refuse(why, "leading zero: write ", s + zeros, n - zeros, after);
}

/* Does `tail` say `unit`, whatever the case and blanks before it? */
static bool says_unit(const char *tail, const char *unit) {
    while (*tail == ' ') tail++;
    for (; *tail && *unit; tail++, unit++) {
        char c = *tail >= 'A' && *tail <= 'Z' ? (char)(*tail - 'A' + 'a') : *tail;
        if (c != *unit) return false;
    }
    return *tail == *unit;
}

/* The unit that `tail` says in one of the loose ways; NULL: none. "" is bytes. */
static const char *meant_unit(const char *tail, const struct loose_unit *loose) {
    while (loose->said && !says_unit(tail, loose->said)) loose++;
    return loose->meant;
}

/* "4K" where a plain number is taken. False when that is not what it says. */
static bool refuse_size(const char *s, size_t n, const char **why) {
    const char *meant = meant_unit(s + n, loose_sizes);
    uint64_t value;
    if (n == 0 || !meant || !digits_value(s, n, 10, &value)) return false;
    for (const struct unit *u = size_units; u->name; u++)
        if (strcmp(u->name, meant) == 0 && value <= UINT64_MAX / u->factor) value *= u->factor;
    char form[24];
    struct text t = text_in(form, sizeof form);
    text_addf(&t, "%llu", (unsigned long long)value);
    refuse(why, "no unit goes here: write ", form, t.len, "");
    return true;
}

/* What follows n good decimal digits (n may be 0) is not part of a number. */
static bool refuse_tail(const char *s, size_t n, const char **why) {
    const char *tail = s + n;
    size_t hex = span_of(s, is_hex);
    if (*tail == '.' || (n > 0 && *tail == 'e'))
        return refuse_plain(why, "no fractions or exponents: write a whole number in digits");
    if (s[0] == '0' && n == 1 && *tail == 'X')
        return refuse(why, "write 0x", tail + 1, span_of(tail + 1, is_hex), " with a small x");
    if (s[0] == '0' && n == 1 && (*tail == 'b' || *tail == 'o'))
        return refuse_plain(why, "no binary or octal: write decimal digits, or 0x and hex digits");
    if (hex > n && s[hex] == '\0') return refuse(why, "hexadecimal begins with 0x: write 0x", s, hex, "");
    if (n > 0) return refuse(why, "something follows the number: write ", s, n, " alone");
    return refuse_plain(why, "not a number: write decimal digits, or 0x and hex digits");
}

static bool parse_hex(const char *digits, uint64_t *out, const char **why) {
    size_t n = span_of(digits, is_hex);
    if (n == 0) return refuse_plain(why, "hex digits must follow 0x: write 0x0 for zero");
    if (digits[n]) {
        if (strpbrk(digits, "_,' ")) return refuse_separators(digits - 2, why);
        return refuse(why, "only 0-9 and a-f may follow 0x: write 0x", digits, n, "");
    }
    return digits_value(digits, n, 16, out) || refuse_plain(why, TOO_LARGE);
}

bool parse_number(const char *s, uint64_t *out, const char **why) {
    if (s[0] == '\0') return refuse_plain(why, "a number is missing");
    if (s[0] == '-') return refuse_plain(why, "negative: write 0 or more");
    if (s[0] == '+') return refuse(why, "no sign: write ", s + 1, span_of(s + 1, is_digit), "");
    if (s[0] == '0' && s[1] == 'x') return parse_hex(s + 2, out, why);
    size_t n = span_of(s, is_digit);
    if (s[n] && refuse_size(s, n, why)) return false;
    if (s[n] && strpbrk(s, "_,' ")) return refuse_separators(s, why);
    if (s[n]) return refuse_tail(s, n, why);
    if (n > 1 && s[0] == '0') return refuse_leading_zero(s, n, why);
    return digits_value(s, n, 10, out) || refuse_plain(why, TOO_LARGE);
}

/* ---- numbers with a unit ---- */

#define NUMBER_MAX 64

/* A unit that was nearly right, behind good digits: say the exact form. */
static void refuse_loose_unit(const char *s, size_t digits, const struct loose_unit *loose,
                              const char **why) {
    const char *meant = meant_unit(s + digits, loose);
    for (; digits > 1 && *s == '0'; s++) digits--;
    if (digits && meant) refuse(why, "write ", s, digits, meant);
}

/* s = number + unit of the table: multiply. */
static bool parse_scaled(const char *s, size_t len, const struct unit *u, uint64_t *out, const char **why) {
    char number[NUMBER_MAX];
    struct text t = text_in(number, sizeof number);
    text_addn(&t, s, len);
    uint64_t n = 0;
    if (t.cut) return refuse_plain(why, TOO_LARGE);
    if (!parse_number(number, &n, why)) return false;
    if (n > UINT64_MAX / u->factor) return refuse_plain(why, TOO_LARGE);
    *out = n * u->factor;
    return true;
}

/* The unit that s ends with, behind at least one digit, or NULL. */
static const struct unit *find_unit(const char *s, size_t len, const struct unit *u) {
    for (; u->name; u++) {
        size_t n = strlen(u->name);
        if (len > n && strcmp(s + len - n, u->name) == 0 && is_hex(s[len - n - 1])) return u;
    }
    return NULL;
}

bool parse_size(const char *s, uint64_t *out, const char **why) {
    size_t len = strlen(s);
    const struct unit *u = find_unit(s, len, size_units);
    if (u) return parse_scaled(s, len - strlen(u->name), u, out, why);
    if (parse_number(s, out, why)) return true;
    refuse_loose_unit(s, span_of(s, is_digit), loose_sizes, why);
    return false;
}

bool parse_duration(const char *s, uint64_t *out, const char **why) {
    size_t len = strlen(s), digits = span_of(s, is_digit);
    const struct unit *u = digits ? find_unit(s, len, time_units) : NULL;
    if (u && digits + strlen(u->name) == len) return parse_scaled(s, digits, u, out, why);
    uint64_t n = 0;
    if (digits && s[digits] == '.') return refuse_plain(why, "no fractions: write whole ns, us, ms or s");
    if (digits && s[digits] == '\0')
        return refuse(why, "the unit is missing: write ", s, digits, "ns (or us, ms, s)");
    if (parse_number(s, &n, why)) return refuse_plain(why, "write a decimal number and ns, us, ms or s");
    refuse_loose_unit(s, digits, loose_times, why);
    return false;
}
