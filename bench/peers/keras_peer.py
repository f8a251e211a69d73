"""Keras 3 on TensorFlow: model.fit, the penalty as its activity regularizer (summed over units, mean over the batch)."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
from common import INPUT, WORK, images, order, parameters, serve

keras.utils.set_random_seed(0)
X = images()
p = parameters()
model = keras.Sequential(
    [
        keras.Input((INPUT,)),
        keras.layers.Dense(
            WORK["hiddenDim"],
            activation=WORK["activation"],
            activity_regularizer=keras.regularizers.L1(WORK["strengths"][0]),
        ),
        keras.layers.Dense(INPUT),
    ]
)
model.set_weights([p["We"], p["be"], p["Wd"], p["bd"]])
model.compile(optimizer=keras.optimizers.Adam(1e-3, epsilon=1e-8), loss="mse")
WHOLE = order(0).size


def run(number):
    # fit() shuffles by itself: the batches are others, their mean loss over an epoch hardly.
    history = model.fit(X[:WHOLE], X[:WHOLE], batch_size=WORK["batchSize"], epochs=1, verbose=0)
    return {"loss": float(np.mean(history.history["loss"]))}


serve(run, keras.__version__)
