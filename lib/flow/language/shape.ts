declare const shapeType: unique symbol;

/** A type as a value, for what no compiler can see: the rows of a file, the response of a service. */
export interface Shape<T> {
  readonly [shapeType]?: T;
}

/**
 * Says what type something has that comes from outside. It is a promise by the author: nothing checks it.
 *
 * @example callAws({ service: 's3', action: 'headObject', returns: shape<{ readonly ContentLength: number }>(), … })
 */
export function shape<T>(): Shape<T> {
  return {};
}
