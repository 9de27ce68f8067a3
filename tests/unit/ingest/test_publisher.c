#include "client.h"

#include <ifaddrs.h>

static struct site site;

/* IN-t5: code, text, close, and no Publish.Start before. */
static void unknown_applications_are_refused(void)
{
    static const char *const apps[] = {"", "vod", "apps", "app/x", "App"};
    for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
        struct client client = client_connect(&site);
        CHECK(client_shake_hands(&client));
        CHECK(client_message(&client, 1, 0, "\0\0\x10\0", 4));
        CHECK(client_command(&client, "connect", 1, apps[i], NULL));
        client_check_refused(&client, "NetConnection.Connect.Rejected",
                             "Unknown application. Use /app.");
    }
}

static void known_applications_are_taken(void)
{
    static const char *const apps[] = {"app", "live", "/app/", "app?x=1"};
    for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
        struct client client = client_connect(&site);
        CHECK(client_shake_hands(&client));
        CHECK(client_message(&client, 1, 0, "\0\0\x10\0", 4));
        CHECK(client_command(&client, "connect", 1, apps[i], NULL));
        CHECK(client_wait(&client, "NetConnection.Connect.Success"));
        client_close(&client);
    }
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* All wrong keys take the same words and the same second, also those that cannot be keys. */
static void wrong_keys_are_refused_after_a_second(void)
{
    char long_name[1100];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    const char *const keys[] = {"bad0123456789abcdef", "short", "", long_name,
                                "bad key/with=signs"};
    struct client clients[5];
    int64_t from = now_ms();
    for (size_t i = 0; i < 5; i++) {
        clients[i] = client_connect(&site);
        CHECK(client_ask(&clients[i], "app", keys[i]));
    }
    for (size_t i = 0; i < 5; i++) {
        client_check_refused(&clients[i], "NetStream.Publish.BadName", "Stream key not accepted.");
        CHECK(now_ms() - from >= 1000 && now_ms() - from < 3000);
    }
    CHECK_EQ(0, site_count(&site, "open:"));
}

static void keys_are_taken_with_slash_and_query(void)
{
    static const char *const names[] = {KEY_A, "/" KEY_A "?x=y&priority=7&z", KEY_A "?"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct client client = client_publish(&site, names[i]);
        CHECK(strstr(client.got, "Publishing.") != NULL);
        CHECK(client_command(&client, "deleteStream", 6, NULL, NULL));
        CHECK(client_wait_closed(&client));
        CHECK(strstr(client.got, "NetStream.Unpublish.Success") != NULL);
        client_close(&client);
        CHECK_EQ(i + 1, site_wait(&site, "closed:AA", i + 1));
    }
}

static void a_key_that_cannot_be_looked_up_closes_without_a_word(void)
{
    site.fails_to_look = true;
    struct client client = client_connect(&site);
    CHECK(client_ask(&client, "app", KEY_A));
    CHECK(client_wait_closed(&client));
    CHECK(strstr(client.got, "error") == NULL);
    CHECK(strstr(client.got, START) == NULL);
    client_close(&client);
    site.fails_to_look = false;
}

static void garbage_is_closed_at_once(void)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18}, {"\x16\x03\x01\x02\x00", 5}, {"\x06", 1}, {"\0", 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct client client = client_connect(&site);
        CHECK(client_send(&client, cases[i].bytes, cases[i].len));
        CHECK(client_wait_closed(&client));
        CHECK_EQ(0, client.len);
        client_close(&client);
    }
}

static void garbage_after_the_start_ends_that_connection_only(void)
{
    struct client good = client_go_live(&site, KEY_B);
    struct client bad = client_go_live(&site, KEY_A);
    CHECK_EQ(1, site_wait(&site, "frame:AA:K", 1));
    char noise[5000];
    memset(noise, 0xee, sizeof(noise));
    (void)client_send(&bad, noise, sizeof(noise)); /* it may be closed half-way */
    CHECK(client_wait_closed(&bad));
    client_close(&bad);
    CHECK_EQ(1, site_wait(&site, "ended:AA", 1));
    CHECK(client_picture(&good, INTER));
    CHECK_EQ(1, site_wait(&site, "frame:BB:f", 1));
    client_close(&good);
    CHECK_EQ(1, site_wait(&site, "closed:BB", 1));
}

static void messages_over_the_limit_are_closed(void)
{
    struct client client = client_go_live(&site, KEY_A);
    /* A video message of 4 MiB and a byte: the header is enough. */
    CHECK(client_send(&client, "\x04\0\0\0\x40\0\x01\x09\x01\0\0\0", 12));
    CHECK(client_wait_closed(&client));
    client_close(&client);
    CHECK_EQ(1, site_wait(&site, "closed:AA", 1));
}

static void who_asks_to_play_is_told_where_to_watch(void)
{
    struct client client = client_connect(&site);
    CHECK(client_shake_hands(&client));
    CHECK(client_message(&client, 1, 0, "\0\0\x10\0", 4));
    CHECK(client_command(&client, "connect", 1, "app", NULL));
    CHECK(client_command(&client, "createStream", 2, NULL, NULL));
    CHECK(client_command(&client, "play", 3, NULL, KEY_A));
    client_check_refused(&client, "NetStream.Play.Failed", "Watch over HLS.");
}

static void wait_for_no_connection(void)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    for (int i = 0; i < WAIT_S * 1000 && site_metric(&site, METRIC_INGEST_CONNECTIONS) > 0; i++)
        nanosleep(&nap, NULL);
    CHECK_EQ(0, site_metric(&site, METRIC_INGEST_CONNECTIONS));
}

/* Connections that leave at every stage leave nothing behind: more of them than may wait. */
static void nobody_is_missed_who_leaves_early(void)
{
    for (int i = 0; i < 50; i++) {
        int stage = i % 5;
        struct client client = client_connect(&site);
        if (stage > 0)
            CHECK(client_shake_hands(&client));
        if (stage > 1)
            CHECK(client_message(&client, 1, 0, "\0\0\x10\0", 4) &&
                  client_command(&client, "connect", 1, "app", NULL));
        if (stage > 2)
            CHECK(client_command(&client, "createStream", 2, NULL, NULL));
        if (stage > 3) /* while its key is being looked up */
            CHECK(client_command(&client, "publish", 3, NULL, KEY_B));
        client_reset(&client);
        if (i % 10 == 9)
            wait_for_no_connection();
    }
    struct client client = client_publish(&site, KEY_A);
    client_close(&client);
}

static void twenty_connections_of_an_address_may_wait(void)
{
    struct client clients[25];
    unsigned closed = 0;
    for (size_t i = 0; i < 25; i++) {
        clients[i] = client_connect(&site);
        if (i >= 20)
            closed += client_wait_closed(&clients[i]);
        else
            CHECK(client_shake_hands(&clients[i]));
    }
    CHECK_EQ(5, closed);
    client_close(&clients[0]);
    for (size_t i = 1; i < 25; i++)
        client_close(&clients[i]);
}

static void a_silent_connection_is_closed_after_five_seconds(void)
{
    struct client client = client_connect(&site);
    CHECK(client_send(&client, "\x03", 1));
    int64_t from = now_ms();
    CHECK(client_wait_closed(&client));
    CHECK(now_ms() - from >= 4900 && now_ms() - from < 7000);
    CHECK_EQ(0, client.len);
    client_close(&client);
}

/* The first address of this machine that is not loopback; false: it has none. */
static bool find_outer_address(struct in_addr *out)
{
    struct ifaddrs *all = NULL;
    bool is_found = false;
    CHECK_EQ(0, getifaddrs(&all));
    for (const struct ifaddrs *i = all; i != NULL && !is_found; i = i->ifa_next) {
        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET)
            continue;
        *out = ((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr;
        is_found = ntohl(out->s_addr) >> 24 != 127;
    }
    freeifaddrs(all);
    return is_found;
}

static void insist_on_tls(struct ingest_options *options)
{
    options->insecure_ingest = false;
}

/* Media rule IN-4. */
static void plain_rtmp_is_for_loopback_unless_allowed(void)
{
    site_open(&site, insist_on_tls);
    struct client client = client_publish(&site, KEY_A);
    client_close(&client);
    struct in_addr outer;
    if (find_outer_address(&outer)) {
        client = client_connect_to(outer, site.port);
        CHECK(client_ask(&client, "app", KEY_B));
        client_check_refused(&client, "NetStream.Publish.BadName",
                             "Use RTMPS: rtmps://live.example/app/");
    }
    site_close(&site);
    CHECK_EQ(0, count_in(site.record, "open:BB"));
}

static void in_a_site(void (*test)(void))
{
    site_open(&site, NULL);
    test();
    site_close(&site);
}

static void refusals(void)
{
    in_a_site(unknown_applications_are_refused);
    in_a_site(known_applications_are_taken);
    in_a_site(wrong_keys_are_refused_after_a_second);
    plain_rtmp_is_for_loopback_unless_allowed();
    in_a_site(who_asks_to_play_is_told_where_to_watch);
    in_a_site(a_key_that_cannot_be_looked_up_closes_without_a_word);
}

static void keys(void)
{
    in_a_site(keys_are_taken_with_slash_and_query);
}

static void garbage(void)
{
    in_a_site(garbage_is_closed_at_once);
    in_a_site(garbage_after_the_start_ends_that_connection_only);
    in_a_site(messages_over_the_limit_are_closed);
}

static void limits(void)
{
    in_a_site(nobody_is_missed_who_leaves_early);
    in_a_site(twenty_connections_of_an_address_may_wait);
    in_a_site(a_silent_connection_is_closed_after_five_seconds);
}

int main(void)
{
    RUN(refusals);
    RUN(keys);
    RUN(garbage);
    RUN(limits);
    return check_report();
}
