#!/bin/sh
# Reproduce float models, data files and integer models: about fifteen minutes on one core.
# Needs pip, npm and the extra `train` (pip install -e '.[train]'). PYTHON and AIMC name the programs.
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-python}
aimc=${AIMC:-aimc}
export OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1
"$python" examples/train/fetch.py
mkdir -p examples/models
# The smallest width of A that keeps every pole inside the unit circle and 1 % of the accuracy.
bits_of() { case $1 in digits | digits01 | vowels) echo a=8 ;; smnist196) echo a=10 ;; smnist784) echo a=11 ;; esac; }
for task in digits digits01 vowels smnist196 smnist784; do
    "$python" examples/train/train.py "$task" --seed 0 -o "examples/train/runs/$task"
    cp "examples/train/runs/$task/${task}_float.safetensors" examples/models/
    "$python" examples/train/write_data.py "$task"
    "$aimc" quantize "examples/models/${task}_float.safetensors" \
        --calibration "examples/data/${task}_calibration.npz" --bits "$(bits_of "$task")" \
        -o "examples/models/$task.npz"
    "$python" examples/train/fakequant.py "examples/models/$task.npz" \
        "examples/data/${task}_test.npz" --store
done
"$python" examples/train/write_data.py --full examples/train/runs
"$python" examples/train/check_models.py --full examples/train/runs
