"""Examples at the end of each command's help."""

from __future__ import annotations

RUN = """\b
Examples:
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz --chips 5 --after 1d \\
      --json run.json --html run.html
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz --limit 50 \\
      --set hardware.device=ideal --set hardware.adc.bits=6
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz --limit 50 --budget
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz \\
      --assert "accuracy.analog.mean > 0.95"
"""

CHECK = """\b
Examples:
  aimc check digits.npz pcm_256.yaml
  aimc check digits_test.npz --model digits.npz
"""

INSPECT = """\b
Examples:
  aimc inspect digits.npz                        layers, bits, sizes, poles
  aimc inspect digits.npz --chip pcm_256.yaml    and the tiles it would take
  aimc inspect pcm_256.yaml                      hardware, and where its numbers come from
  aimc inspect device_models/pcm_joshi2020.yaml  sources, and spread against conductance
"""

QUANTIZE = """\b
Example:
  aimc quantize digits_float.safetensors --calibration digits_calibration.npz \\
      --bits a=10,state=16 --a-grid polar -o digits.npz
"""

FIT = """\b
Examples:
  aimc fit measured.csv --family table -o my_device.yaml
  aimc fit measured.csv --family pcm --t0 20s --t-read 250e-9 -o my_pcm.yaml --html my_pcm.html
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz \\
      --set hardware.device=$PWD/my_pcm.yaml
"""

CALIBRATE = """\b
Examples:
  aimc calibrate digits.npz --chip pcm_256.yaml --data digits_calibration.npz -o plan.json
  aimc calibrate digits.npz --chip pcm_256.yaml --data digits_calibration.npz \\
      --method least_error --per bitline -o plan.json
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz \\
      --set hardware.adc.range=calibrated --plan plan.json
"""
