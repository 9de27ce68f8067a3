import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { Home } from '@/app/routes/home';
import { NotFound } from '@/app/routes/not-found';
import { PageLoading } from '@/app/shell/page-loading';
import { Shell } from '@/app/shell/shell';

const ChannelPage = lazy(async () => ({ default: (await import('@/app/routes/channel')).ChannelPage }));

export function Router() {
  return (
    <Shell>
      <Suspense fallback={<PageLoading />}>
        <Routes>
          <Route path="/" element={<Home />} />
          <Route path="/:username" element={<ChannelPage />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </Shell>
  );
}
