import type { Channel } from '@/api/types';
import { t } from '@/lib/i18n/t';

/** Below the picture where it is stacked; beside the chat there will be no room for it. */
export function ChannelAbout({ channel }: { readonly channel: Channel }) {
  const { username, bio, tags, category } = channel;
  if (!bio && tags.length === 0 && !category) return null;
  return (
    <section
      aria-label={t('channel.about', { name: username })}
      className="flex flex-col gap-3 px-4 py-4 overlaid:hidden"
    >
      {category ? <p className="text-small font-bold text-accent">{category.name}</p> : null}
      {bio ? (
        <p dir="auto" className="whitespace-pre-line text-text-2">
          {bio}
        </p>
      ) : null}
      {tags.length > 0 ? (
        <ul aria-label={t('channel.tags')} className="flex flex-wrap gap-2">
          {tags.map((tag) => (
            <li key={tag} className="rounded-full bg-s2 px-3 py-1 text-small">
              {tag}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
