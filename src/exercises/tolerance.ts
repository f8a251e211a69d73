/** The relative error forgiven in tf code, whose float32 keeps seven digits: a sum of a few numbers loses one of them. */
export const FLOAT32 = 1e-5;
