/**
 * Gradients other than those of calculus: choices that are held fixed, and windows around a jump. tf 4.22 has no
 * `stopGradient`, and no gradient for TopK.
 *
 * @module
 */
import * as tf from '@tensorflow/tfjs';

/**
 * z where a mask chooses it, else 0. The choice is held fixed in the gradient: kept entries have slope 1, the others 0.
 *
 * @param choose The mask, of z's shape, bool or of zeros and ones.
 *
 * @example masked(tf.tensor2d([[3, 1, 2]]), (z) => tf.greater(z, 1.5)).arraySync() // → [[3, 0, 2]]
 */
export function masked(z: tf.Tensor2D, choose: (z: tf.Tensor2D) => tf.Tensor): tf.Tensor2D {
  return tf.customGrad((input, save) => {
    const mask = choose(input as tf.Tensor2D).cast('bool');
    (save as tf.GradSaveFunc)([mask]);
    return {
      value: where(mask, input as tf.Tensor2D),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => where(saved[0] as tf.Tensor, dy),
    };
  })(z) as tf.Tensor2D;
}

/**
 * x, through which no gradient flows.
 *
 * @example tf.grad((x) => tf.mul(held(x), x))(tf.scalar(3)).dataSync()[0] // → 3; the slope of 3·x, not of x²
 */
export function held<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((input) => ({
    value: (input as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }))(x) as T;
}

/**
 * x where a condition of the step holds, else zeros, also in place of an infinite x or NaN; the gradient of x likewise. On native
 * TensorFlow what is there for x and its
 * gradient alone is computed only where the condition holds.
 *
 * @param condition A bool of the step, the same for all examples, on which no gradient depends.
 *
 * @example onlyIf(tf.scalar(1).greater(0), tf.scalar(3)).dataSync()[0] // → 3; and 0 where the condition does not hold
 */
export function onlyIf<T extends tf.Tensor>(condition: tf.Scalar, x: T): T {
  return tf.customGrad((input, holds, save) => {
    (save as tf.GradSaveFunc)([holds as tf.Tensor]);
    return {
      value: tf.where(holds as tf.Tensor, input as tf.Tensor, 0),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [tf.where(saved[0] as tf.Tensor, dy, 0), tf.scalar(0)],
    };
  })(x, condition) as T;
}

/** x where the mask says so, else 0 (times zero it would be −0 where x is negative). */
function where(mask: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return tf.where(mask, x, tf.zerosLike(x));
}

/** 1 in the window |u| < ½ around a jump, else 0. */
function window(z: tf.Tensor, threshold: tf.Tensor, bandwidth: number | tf.Scalar): tf.Tensor {
  return tf.less(tf.abs(tf.sub(z, threshold)), tf.div(bandwidth, 2)).cast('float32');
}

/**
 * z where it is above its unit's threshold θ, else 0: H(z − θ)·z, [batch, hiddenDim]. The gradient of θ is an estimate from
 * the examples in a window of width ε around the jump:
 *
 *     ∂/∂z = H(z − θ),   ∂/∂θ = −(θ/ε)·1[|z − θ| < ε/2]
 *
 * A θ that a step moved below 0 counts as 0, here and in {@link above}, so no activation is negative. Its gradient is that at
 * 0: nothing pushes it further down, and {@link above} can push it up again.
 *
 * Rajamanoharan et al., "Jumping ahead: improving reconstruction fidelity with JumpReLU sparse autoencoders", 2024, eq. 11.
 */
export function jump(z: tf.Tensor2D, thresholds: tf.Tensor1D, bandwidth: number): tf.Tensor2D {
  return tf.customGrad((input, theta, save) => {
    const threshold = tf.relu(theta as tf.Tensor1D);
    const mask = tf.greater(input as tf.Tensor, threshold);
    (save as tf.GradSaveFunc)([input as tf.Tensor, threshold, mask]);
    return {
      value: where(mask, input as tf.Tensor2D),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [before, at, on] = saved as [tf.Tensor, tf.Tensor1D, tf.Tensor];
        const inWindow = tf.mul(dy, window(before, at, bandwidth)).sum(0);
        return [where(on, dy), tf.mul(inWindow, tf.div(at, -bandwidth))];
      },
    };
  })(z, thresholds) as tf.Tensor2D;
}

/**
 * 1 where z is above its unit's threshold θ, else 0: H(z − θ), [batch, hiddenDim]. Nothing flows to z;
 * ∂/∂θ = −(1/ε)·1[|z − θ| < ε/2], the same paper's eq. 12.
 */
export function above(z: tf.Tensor2D, thresholds: tf.Tensor1D, bandwidth: number | tf.Scalar): tf.Tensor2D {
  return tf.customGrad((input, theta, save) => {
    const threshold = tf.relu(theta as tf.Tensor1D);
    (save as tf.GradSaveFunc)([input as tf.Tensor, threshold]);
    return {
      value: tf.greater(input as tf.Tensor2D, threshold).cast('float32'),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [before, at] = saved as [tf.Tensor, tf.Tensor1D];
        const inWindow = tf.mul(dy, window(before, at, bandwidth)).sum(0);
        return [tf.zerosLike(dy), tf.neg(tf.div(inWindow, bandwidth))];
      },
    };
  })(z, thresholds) as tf.Tensor2D;
}
