#include "domain/streams/address.h"

#include "check.h"

#include <stdio.h>

static const int64_t minute_us = 60000000;

static struct address_book book;

static void begin(void)
{
    address_book_init(&book);
}

static void finish(void)
{
    address_book_finish(&book);
}

static struct str numbered(char text[32], unsigned n)
{
    int len = snprintf(text, 32, "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
    return (struct str){text, (size_t)len};
}

static void twenty_connections_of_an_address_may_wait(void)
{
    begin();
    for (int i = 0; i < ADDRESS_MAX_WAITING; i++)
        CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 0));
    CHECK_EQ(ADDRESS_TOO_MANY, address_admit(&book, STR("192.0.2.1"), 0));
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.2"), 0));
    address_leave(&book, STR("192.0.2.1"), 0);
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 0));
    CHECK_EQ(ADDRESS_TOO_MANY, address_admit(&book, STR("192.0.2.1"), 0));
    finish();
}

static void five_hundred_of_all_addresses_may_wait(void)
{
    char text[32];
    begin();
    for (unsigned i = 0; i < ADDRESS_MAX_WAITING_ALL; i++)
        CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, numbered(text, i), 0));
    CHECK_EQ(ADDRESS_FULL, address_admit(&book, STR("192.0.2.1"), 0));
    address_leave(&book, STR("192.0.2.1"), 0); /* it never came in */
    CHECK_EQ(ADDRESS_FULL, address_admit(&book, STR("192.0.2.1"), 0));
    address_leave(&book, numbered(text, 7), 0);
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 0));
    finish();
}

static void who_leaves_is_forgotten(void)
{
    begin();
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 0));
    address_leave(&book, STR("192.0.2.1"), 0);
    CHECK_EQ(0, book.entries.count);
    CHECK_EQ(0, book.waiting);
    address_leave(&book, STR("192.0.2.1"), 0);
    CHECK_EQ(0, book.waiting);
    finish();
}

static void refuse(int times, int64_t now_us)
{
    for (int i = 0; i < times; i++)
        address_note_refused(&book, STR("192.0.2.1"), now_us);
}

static void ten_refused_keys_ban_for_five_minutes(void)
{
    begin();
    refuse(9, 1);
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 1));
    address_leave(&book, STR("192.0.2.1"), 1);
    refuse(1, 2);
    CHECK_EQ(ADDRESS_BANNED, address_admit(&book, STR("192.0.2.1"), 2));
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.2"), 2));
    CHECK_EQ(ADDRESS_BANNED, address_admit(&book, STR("192.0.2.1"), 5 * minute_us + 1));
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 5 * minute_us + 2));
    refuse(1, 5 * minute_us + 2); /* the old ones do not count again */
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 5 * minute_us + 2));
    finish();
}

static void refusals_count_for_five_minutes(void)
{
    begin();
    refuse(1, 0);
    refuse(8, minute_us);
    refuse(1, 5 * minute_us); /* the first is just too old */
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 5 * minute_us));
    refuse(1, 6 * minute_us - 1);
    CHECK_EQ(ADDRESS_BANNED, address_admit(&book, STR("192.0.2.1"), 6 * minute_us));
    finish();
}

/* It is remembered until its newest refusal is old. */
static void refusals_are_remembered_for_five_minutes(void)
{
    begin();
    refuse(1, 0);
    refuse(1, 2 * minute_us);
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 2 * minute_us));
    address_leave(&book, STR("192.0.2.1"), 7 * minute_us - 1);
    CHECK_EQ(1, book.entries.count);
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 7 * minute_us - 1));
    address_leave(&book, STR("192.0.2.1"), 7 * minute_us);
    CHECK_EQ(0, book.entries.count);
    finish();
}

static void a_success_resets(void)
{
    begin();
    refuse(9, 0);
    address_note_accepted(&book, STR("192.0.2.1"), 0);
    CHECK_EQ(0, book.entries.count);
    address_note_accepted(&book, STR("192.0.2.9"), 0); /* never seen */
    refuse(9, 1);
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 1));
    address_note_accepted(&book, STR("192.0.2.1"), 1); /* still waiting: remembered */
    CHECK_EQ(1, book.waiting);
    CHECK_EQ(1, book.entries.count);
    refuse(9, 2); /* the old ones are forgotten, though it was remembered */
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 2));
    address_note_accepted(&book, STR("192.0.2.1"), 3);
    address_leave(&book, STR("192.0.2.1"), 3);
    address_leave(&book, STR("192.0.2.1"), 3);
    CHECK_EQ(0, book.entries.count);
    finish();
}

static void an_ipv6_network_is_one_address(void)
{
    begin();
    for (int i = 0; i < ADDRESS_MAX_REFUSED / 2; i++) {
        address_note_refused(&book, STR("2001:db8:1:2::1"), 0);
        address_note_refused(&book, STR("2001:db8:1:2:ffff::7"), 0);
    }
    CHECK_EQ(1, book.entries.count);
    CHECK_EQ(ADDRESS_BANNED, address_admit(&book, STR("2001:db8:1:2:3:4:5:6"), 1));
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("2001:db8:1:3::1"), 1));
    finish();
}

static void memory_is_bounded(void)
{
    char text[32];
    begin();
    for (unsigned i = 0; i < ADDRESS_MAX_REMEMBERED + 50; i++)
        address_note_refused(&book, numbered(text, i), 0);
    CHECK_EQ(ADDRESS_MAX_REMEMBERED, book.entries.count);
    CHECK_EQ(ADDRESS_FULL, address_admit(&book, STR("192.0.2.1"), 5 * minute_us - 1));
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, numbered(text, 3), 0)); /* known */
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, STR("192.0.2.1"), 5 * minute_us));
    CHECK_EQ(2, book.entries.count);
    finish();
}

static void odd_addresses_do_no_harm(void)
{
    char text[200];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = 'x';
    begin();
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, (struct str){text, sizeof(text)}, 0));
    CHECK_EQ(ADDRESS_ADMITTED, address_admit(&book, (struct str){NULL, 0}, 0));
    address_leave(&book, (struct str){NULL, 0}, 0);
    address_leave(&book, (struct str){text, sizeof(text)}, 0);
    CHECK_EQ(0, book.entries.count);
    finish();
}

int main(void)
{
    RUN(twenty_connections_of_an_address_may_wait);
    RUN(five_hundred_of_all_addresses_may_wait);
    RUN(who_leaves_is_forgotten);
    RUN(ten_refused_keys_ban_for_five_minutes);
    RUN(refusals_count_for_five_minutes);
    RUN(refusals_are_remembered_for_five_minutes);
    RUN(a_success_resets);
    RUN(an_ipv6_network_is_one_address);
    RUN(memory_is_bounded);
    RUN(odd_addresses_do_no_harm);
    return check_report();
}
