import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { Figure } from 'sparselab';

describe('Figure', () => {
  const layout = { title: { text: 'Loss', subtitle: { text: 'two runs' } } };

  it('shows itself as JSON that Plotly understands, with a line of text for where nothing can be drawn', () => {
    const figure = new Figure([{ type: 'scatter', mode: 'lines', x: [0], y: [1] }], layout);
    const show = (figure as unknown as Record<symbol, () => unknown>)[Symbol.for('Jupyter.display')];
    assert.deepEqual(show?.call(figure), {
      'application/vnd.plotly.v1+json': {
        data: figure.data,
        layout,
        config: { responsive: true, displaylogo: false },
      },
      'text/plain': 'Figure: Loss – two runs',
    });
  });

  it('prints as one line where a kernel only prints values', () => {
    assert.equal(inspect(new Figure([], layout)), 'Figure: Loss – two runs');
  });

  it('says that it has no title', () => {
    assert.equal(new Figure([], {}).toString(), 'Figure: untitled');
  });
});
