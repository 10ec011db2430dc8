import { inline, visible } from '../format.js';

interface VariablesProps {
  /** What the state could read. */
  readonly before: Readonly<Record<string, unknown>>;
  /** What it set on leaving. */
  readonly assigned: Readonly<Record<string, unknown>>;
}

/** The variables around a state: those that it changed first, with what they were. */
export function VariablesView({ before, assigned }: VariablesProps) {
  const changed = Object.keys(assigned);
  const kept = Object.keys(before).filter((name) => !Object.hasOwn(assigned, name));
  if (changed.length + kept.length === 0) return null;
  return (
    <div class="json-block">
      <h3>Variables</h3>
      <table class="variables">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {changed.map((name) => (
            <tr key={name} class="is-changed">
              <th scope="row">{visible(name)}</th>
              <td>
                {Object.hasOwn(before, name) ? <del>{inline(before[name], 80)}</del> : <span class="badge">new</span>}{' '}
                <ins>{inline(assigned[name], 200)}</ins>
              </td>
            </tr>
          ))}
          {kept.map((name) => (
            <tr key={name}>
              <th scope="row">{visible(name)}</th>
              <td>{inline(before[name], 200)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
