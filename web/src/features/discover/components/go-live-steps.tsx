import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { CopyField } from '@/components/copy-field';
import { configQuery } from '@/features/discover/api/discover';
import { t } from '@/lib/i18n/t';

const createCommand = 'klieg channel create demo';

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly children?: ReactNode;
}

function Step({ number, title, body, children }: StepProps) {
  return (
    <li className="flex flex-col gap-3 rounded-card bg-s1 p-6">
      <span
        aria-hidden="true"
        className="flex size-9 items-center justify-center rounded-full bg-primary text-body font-bold text-on-primary tabular-nums"
      >
        {number}
      </span>
      <h3 className="text-h3">{title}</h3>
      <p className="flex-1 text-text-2">{body}</p>
      {children}
    </li>
  );
}

export function GoLiveSteps() {
  const { data } = useQuery(configQuery);
  // A server that does not tell its address listens where RTMP always does.
  const server = data?.ingestServerUrl ?? `rtmp://${window.location.hostname}:1935/app/`;
  return (
    <section aria-labelledby="go-live" className="flex flex-col gap-6">
      <h2 id="go-live" className="text-h2">
        {t('home.goLiveTitle')}
      </h2>
      <ol className="grid gap-6 desktop:grid-cols-3">
        <Step number={1} title={t('home.step1Title')} body={t('home.step1Body')}>
          <CopyField value={createCommand} copyLabel={t('home.copyCommand')} />
        </Step>
        <Step number={2} title={t('home.step2Title')} body={t('home.step2Body')}>
          <CopyField value={server} copyLabel={t('home.copyServer')} />
        </Step>
        <Step number={3} title={t('home.step3Title')} body={t('home.step3Body')}>
          <CopyField value={`${window.location.origin}/demo`} copyLabel={t('app.copy')} />
        </Step>
      </ol>
    </section>
  );
}
