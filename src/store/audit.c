#include "store/audit.h"

static const char *or_else(const char *text, const char *otherwise)
{
    return text != NULL ? text : otherwise;
}

enum err audit_write(struct sql *sql, const struct audit_entry *entry)
{
    struct sql_query query =
        sql_query(sql, "INSERT INTO audit_log (at, actor_id, action, target, channel_id, address,"
                       " detail) VALUES (?, ?, ?, ?, ?, ?, ?)");
    sql_put_int(&query, entry->now_us / 1000);
    sql_put_text(&query, entry->actor_id);
    sql_put_text(&query, entry->action);
    sql_put_text(&query, or_else(entry->target, ""));
    sql_put_text(&query, entry->channel_id);
    sql_put_text(&query, or_else(entry->address, ""));
    sql_put_text(&query, or_else(entry->detail, "{}"));
    return sql_run(&query);
}
