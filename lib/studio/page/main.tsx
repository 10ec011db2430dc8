import './styles/base.css';
import './styles/frame.css';
import './styles/list.css';
import './styles/instance.css';
import './styles/graph.css';
import './styles/orchestrations.css';
import { render } from 'preact';
import { App } from './app.js';
import { startLive } from './live.js';

const root = document.getElementById('studio');
if (root !== null) {
  render(<App />, root);
  startLive();
}
