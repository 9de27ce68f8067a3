#include "store/dialect.h"

#include "check.h"

static const struct dialect_word words[] = {{"int", "bigint"},
                                            {"bool", "INTEGER CHECK (%s IN (0, 1))"},
                                            {"json", "TEXT CHECK (%s IS NULL OR f(%s))"},
                                            {"table", ""},
                                            {NULL, NULL}};

static bool defines(const char *text, const char *expected)
{
    struct buf buf;
    buf_init(&buf, 1000);
    dialect_define(words, text, &buf);
    bool is_equal = str_equal(buf_str(&buf), str_of(expected));
    buf_finish(&buf);
    return is_equal;
}

static bool numbers(const char *text, const char *expected, unsigned expected_count)
{
    struct buf buf;
    buf_init(&buf, 1000);
    unsigned count = dialect_number_parameters(text, &buf);
    bool is_equal = str_equal(buf_str(&buf), str_of(expected)) && count == expected_count;
    buf_finish(&buf);
    return is_equal;
}

static void words_are_replaced(void)
{
    CHECK(defines("", ""));
    CHECK(defines("a {int}, b {int} NOT NULL) {table};", "a bigint, b bigint NOT NULL) ;"));
    CHECK(defines("{int}", "bigint"));
}

static void a_word_knows_its_column(void)
{
    CHECK(defines("t (is_open  {bool} NOT NULL)",
                  "t (is_open  INTEGER CHECK (is_open IN (0, 1)) NOT NULL)"));
    CHECK(defines("a {int}, b {bool}", "a bigint, b INTEGER CHECK (b IN (0, 1))"));
    CHECK(defines("(a {json})", "(a TEXT CHECK (a IS NULL OR f(a)))"));
    CHECK(defines("b {bool}", "b INTEGER CHECK (b IN (0, 1))"));
}

static void other_braces_stay(void)
{
    CHECK(defines("DEFAULT '{}'", "DEFAULT '{}'"));
    CHECK(defines("{in} {intt} {INT} {int", "{in} {intt} {INT} {int"));
}

static void parameters_are_counted_from_1(void)
{
    CHECK(numbers("SELECT 1", "SELECT 1", 0));
    CHECK(numbers("VALUES (?, ?, ?)", "VALUES ($1, $2, $3)", 3));
}

static void numbered_parameters_keep_their_numbers(void)
{
    CHECK(numbers("?2 ?1 ?2", "$2 $1 $2", 2));
    CHECK(numbers("?12", "$12", 12));
    CHECK(numbers("?3, ?", "$3, $4", 4));
}

static void question_marks_in_quotes_are_text(void)
{
    CHECK(numbers("'?' || ? || 'it''s ?' || ?", "'?' || $1 || 'it''s ?' || $2", 2));
}

int main(void)
{
    RUN(words_are_replaced);
    RUN(a_word_knows_its_column);
    RUN(other_braces_stay);
    RUN(parameters_are_counted_from_1);
    RUN(numbered_parameters_keep_their_numbers);
    RUN(question_marks_in_quotes_are_text);
    return check_report();
}
