import type { ComponentChildren } from 'preact';
import { Component } from 'preact';
import { ClockBar } from './clock-bar.js';
import { visible } from './format.js';
import { InstanceView } from './instance/instance-page.js';
import { InstancesPage } from './instances.js';
import { app, config, connection, rows } from './live.js';
import { OrchestrationsPage } from './orchestrations.js';
import { Icon, type IconName } from './parts/icons.js';
import { Toasts } from './parts/toasts.js';
import { address, href } from './router.js';
import { theme, toggleTheme } from './theme.js';

/** The frame around every page. */
export function App() {
  return (
    <>
      <button type="button" class="skip" onClick={skipToMain}>
        Skip to content
      </button>
      <TopBar />
      <ClockBar />
      <AppFailure />
      <main id="main" tabIndex={-1}>
        <Guarded key={address.value.parts.join('/')}>
          <Page />
        </Guarded>
      </main>
      <Toasts />
    </>
  );
}

/** What is written can't run: the page shows what runs, and says so. */
function AppFailure() {
  const { failure } = app.value;
  if (failure === undefined) return null;
  return (
    <section class="app-failure" role="alert">
      <b>The app as it is written can’t run. What ran before goes on.</b>
      <pre>{visible(failure)}</pre>
    </section>
  );
}

function Page() {
  const [first, id] = address.value.parts;
  if (first === 'instance' && id !== undefined) return <InstanceView id={id} />;
  return first === 'orchestrations' ? <OrchestrationsPage name={id} /> : <InstancesPage />;
}

function skipToMain(): void {
  document.getElementById('main')?.focus();
}

interface Entry {
  readonly name: string;
  readonly label: string;
  readonly icon: IconName;
}

const ENTRIES: readonly Entry[] = [
  { name: 'instances', label: 'Instances', icon: 'list' },
  { name: 'orchestrations', label: 'Orchestrations', icon: 'graph' },
];

function TopBar() {
  const [first = ''] = address.value.parts;
  const current = first === '' || first === 'instance' ? 'instances' : first;
  return (
    <header class="top">
      <a class="brand" href="#/instances">
        <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" class="brand-back" />
          <path d="M8 22h6v-6h5v-6h5" class="brand-steps" />
        </svg>
        Studio
      </a>
      <nav aria-label="Pages">
        {ENTRIES.map(({ name, label, icon }) => (
          <a key={name} href={href([name])} aria-current={current === name ? 'page' : undefined}>
            <Icon name={icon} />
            <span>{label}</span>
          </a>
        ))}
      </nav>
      <div class="top-end">
        <LiveSign />
        <button
          type="button"
          class="quiet"
          onClick={toggleTheme}
          aria-label={theme.value === 'dark' ? 'Light colours' : 'Dark colours'}
        >
          <Icon name={theme.value === 'dark' ? 'sun' : 'moon'} size={18} />
        </button>
      </div>
    </header>
  );
}

function LiveSign() {
  const words = { connecting: 'Connecting', live: 'Live', lost: 'Connection lost, trying again' };
  const running = rows.value.filter(({ status }) => status === 'Running').length;
  return (
    <span class={`live is-${connection.value}`} role="status">
      <span class="dot" aria-hidden="true" />
      {words[connection.value]}
      {connection.value === 'live' && running > 0 ? <span class="live-count"> · {running} running</span> : null}
      <span class="host">{config.value?.host === 'local' ? 'local' : ''}</span>
    </span>
  );
}

/** Whatever goes wrong while a page is drawn is told in its place: never an empty page. */
class Guarded extends Component<{ readonly children: ComponentChildren }, { readonly error?: Error }> {
  override state: { readonly error?: Error } = {};

  static override getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <section class="empty" role="alert">
        <h1>This page can’t be shown</h1>
        <p>{this.state.error.message}</p>
        <p>
          <a href="#/instances">Back to the instances</a>
        </p>
      </section>
    );
  }
}
