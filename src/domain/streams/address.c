#include "domain/streams/address.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <string.h>

static const int64_t memory_us = 300000000; /* refusals count, and a ban lasts, 5 min */

struct entry {
    unsigned waiting;
    size_t refused;
    int64_t refused_us[ADDRESS_MAX_REFUSED]; /* the last ones, by count modulo */
    int64_t banned_until_us;
};

enum { KEY_MAX = 64 };

struct key {
    char text[KEY_MAX];
    size_t len;
};

/* The address, or the first 64 bits of an IPv6 address. */
static struct key key_of(struct str address)
{
    struct key key = {.len = address.len < KEY_MAX - 1 ? address.len : KEY_MAX - 1};
    struct in6_addr v6;
    if (key.len > 0)
        memcpy(key.text, address.at, key.len);
    key.text[key.len] = '\0';
    if (inet_pton(AF_INET6, key.text, &v6) == 1) {
        memcpy(key.text, v6.s6_addr, sizeof(v6.s6_addr) / 2);
        key.len = sizeof(v6.s6_addr) / 2;
    }
    return key;
}

void address_book_init(struct address_book *book)
{
    *book = (struct address_book){0};
    map_init(&book->entries);
}

void address_book_finish(struct address_book *book)
{
    struct map_entry found;
    for (size_t at = 0; map_next(&book->entries, &at, &found);)
        mem_free(found.value);
    map_finish(&book->entries);
}

static bool is_idle(const struct entry *entry, int64_t now_us)
{
    bool remembers =
        entry->refused > 0 &&
        now_us - entry->refused_us[(entry->refused - 1) % ADDRESS_MAX_REFUSED] < memory_us;
    return entry->waiting == 0 && !remembers && now_us >= entry->banned_until_us;
}

static void sweep(struct address_book *book, int64_t now_us)
{
    struct map_entry found;
    for (size_t at = 0; map_next(&book->entries, &at, &found);) {
        if (!is_idle(found.value, now_us))
            continue;
        mem_free(found.value);
        (void)map_remove(&book->entries, found.key); /* the value is freed */
    }
}

static struct entry *find(const struct address_book *book, struct str address)
{
    struct key key = key_of(address);
    return map_find(&book->entries, (struct str){key.text, key.len});
}

/* NULL: nobody new can be remembered now. */
static struct entry *find_or_add(struct address_book *book, struct str address, int64_t now_us)
{
    struct entry *entry = find(book, address);
    if (entry != NULL)
        return entry;
    if (book->entries.count >= ADDRESS_MAX_REMEMBERED)
        sweep(book, now_us);
    if (book->entries.count >= ADDRESS_MAX_REMEMBERED)
        return NULL;
    struct key key = key_of(address);
    entry = mem_zalloc(1, sizeof(*entry));
    (void)map_put(&book->entries, (struct str){key.text, key.len}, entry); /* it was not there */
    return entry;
}

static void forget_if_idle(struct address_book *book, struct str address, int64_t now_us)
{
    struct entry *entry = find(book, address);
    if (entry == NULL || !is_idle(entry, now_us))
        return;
    struct key key = key_of(address);
    mem_free(map_remove(&book->entries, (struct str){key.text, key.len}));
}

enum address_verdict address_admit(struct address_book *book, struct str address, int64_t now_us)
{
    const struct entry *known = find(book, address);
    if (known != NULL && now_us < known->banned_until_us)
        return ADDRESS_BANNED;
    if (known != NULL && known->waiting >= ADDRESS_MAX_WAITING)
        return ADDRESS_TOO_MANY;
    if (book->waiting >= ADDRESS_MAX_WAITING_ALL)
        return ADDRESS_FULL;
    struct entry *entry = find_or_add(book, address, now_us);
    if (entry == NULL)
        return ADDRESS_FULL;
    entry->waiting++;
    book->waiting++;
    return ADDRESS_ADMITTED;
}

void address_leave(struct address_book *book, struct str address, int64_t now_us)
{
    struct entry *entry = find(book, address);
    if (entry == NULL || entry->waiting == 0)
        return;
    entry->waiting--;
    book->waiting--;
    forget_if_idle(book, address, now_us);
}

void address_note_refused(struct address_book *book, struct str address, int64_t now_us)
{
    struct entry *entry = find_or_add(book, address, now_us);
    if (entry == NULL)
        return;
    size_t oldest = entry->refused % ADDRESS_MAX_REFUSED;
    entry->refused_us[oldest] = now_us;
    entry->refused++;
    size_t tenth = entry->refused % ADDRESS_MAX_REFUSED; /* ago */
    if (entry->refused >= ADDRESS_MAX_REFUSED && now_us - entry->refused_us[tenth] < memory_us) {
        entry->banned_until_us = now_us + memory_us;
        entry->refused = 0;
    }
}

void address_note_accepted(struct address_book *book, struct str address, int64_t now_us)
{
    struct entry *entry = find(book, address);
    if (entry == NULL)
        return;
    entry->refused = 0;
    forget_if_idle(book, address, now_us);
}
