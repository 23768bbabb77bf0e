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
  aimc inspect digits.npz --chip pcm_256.yaml --plan tiles.html \\
      --set hardware.mapping.s4d=fused           and a floor plan of these tiles
  aimc inspect plan.json --model digits.npz --chip pcm_256.yaml --plan tiles.svg
  aimc inspect pcm_256.yaml                      hardware, and where its numbers come from
  aimc inspect device_models/pcm_joshi2020.yaml  sources, and spread against conductance
"""

QUANTIZE = """\b
Examples:
  aimc quantize digits_float.safetensors --calibration digits_calibration.npz \\
      --bits a=10,state=16 --a-grid polar -o digits.npz
  aimc quantize ckpt.pth --calibration batch.npz -o model.npz \\
      --set activation=relu --set prenorm=true
"""

MVM = """\b
Examples:
  aimc mvm --chip pcm_256.yaml
  aimc mvm --chip pcm_256.yaml --chips 5 --against time=0s,1h,1d --against adc_bits=4..12 \\
      --against size=32,64,128,256,512 --html mvm.html
  aimc mvm --chip pcm_256.yaml --set hardware.calibration.kind=none --after 1d --json mvm.json
  aimc mvm digits.npz --data digits_test.npz --chip pcm_256.yaml --against adc_bits=4..10
  aimc mvm digits.npz --data digits_test.npz --chip pcm_256.yaml --layer mix0 --png mix0.png
"""

FIT = """\b
Examples:
  aimc fit measured.csv --family table -o my_device.yaml
  aimc fit measured.csv --family pcm --t0 20s --t-read 250e-9 -o my_pcm.yaml --html my_pcm.html
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz \\
      --set hardware.device=$PWD/my_pcm.yaml
"""

SPICE = """\b
Examples:
  aimc spice digits.npz --chip pcm_256.yaml -o tile.cir && ngspice -b tile.cir
  aimc spice digits.npz --chip pcm_256.yaml --layer decoder --after 1d \\
      --set 'hardware.wires={wordline_ohm: 5.6, bitline_ohm: 1.9}' -o decoder.cir
  aimc spice digits.npz --chip pcm_256.yaml --tile 3 --data digits_test.npz --sequence 7 --step 20
"""

COST = """\b
Examples:
  aimc cost digits.npz --chip pcm_256.yaml --data digits_test.npz
  aimc cost digits.npz --chip pcm_256.yaml --data digits_test.npz --html cost.html --json cost.json
  aimc cost digits.npz --chip pcm_256.yaml --data digits_test.npz --explain energy.adc
  aimc cost digits.npz --chip rram_64.yaml --inputs normal --steps 200 --amortise 1e9
  aimc cost digits.npz --chip pcm_256.yaml --set hardware.timing.t_step_s=1.0e-3
  aimc cost --chip isaac_ce.yaml --input-bits 16 --weight-bits 16
  aimc cost digits.npz --chip pcm_256.yaml --assert "energy_J.per_inference < 2e-6"
"""

CALIBRATE = """\b
Examples:
  aimc calibrate digits.npz --chip pcm_256.yaml --data digits_calibration.npz -o plan.json
  aimc calibrate digits.npz --chip pcm_256.yaml --data digits_calibration.npz \\
      --method least_error --per bitline -o plan.json
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz \\
      --set hardware.adc.range=calibrated --plan plan.json
"""

STUDY_RUN = """\b
Examples:
  aimc study run write_noise.yaml -o write_noise.sqlite
  aimc study run write_noise.yaml -o write_noise.sqlite --ci 0.5 --workers 8
  aimc study run write_noise.yaml -o write_noise.sqlite --dask tcp://head:8786 --json study.json
What is finished stays, whatever happens: the same command goes on where it was stopped.
"""

STUDY_STATUS = """\b
Example:
  aimc study status write_noise.sqlite
"""

STUDY_EXPORT = """\b
Examples:
  aimc study export write_noise.sqlite --csv write_noise.csv
  aimc study export write_noise.sqlite --parquet write_noise.parquet --json write_noise.json
"""

STUDY_MERGE = """\b
Example:
  aimc study merge laptop.sqlite desktop.sqlite -o both.sqlite
"""

STUDY_YIELD = """\b
Examples:
  aimc study yield chips.yaml --chips 200 --at-least 0.95
  aimc study yield chips.yaml --chips 200 --at-least 0.95 --plot yield.svg --json yield.json
"""

STUDY_SENSITIVITY = """\b
Examples:
  aimc study sensitivity device.yaml --samples 64 --chips 3
  aimc study sensitivity device.yaml --samples 256 --chip-seed factor --plot sobol.pdf
"""

STUDY_SPEC = """\b
Examples:
  aimc study spec write_noise.yaml --within 1
  aimc study spec adc_bits.yaml --within 0.5 --confidence 99 --plot spec.svg --json spec.json
"""

STUDY_PARETO = """\b
Examples:
  aimc study pareto chip_choices.yaml --trials 200
  aimc study pareto chip_choices.yaml --objectives accuracy,energy --plot front.svg
"""

STUDY_SNR = """\b
Examples:
  aimc study snr digits.npz --chip pcm_256.yaml --data digits_test.npz
  aimc study snr digits.npz --chip pcm_256.yaml --data digits_test.npz --mapping split \\
      --set hardware.mapping.allow_narrow_state=true --after 1d --monte-carlo 0 --plot snr.svg
"""

REPORT = """\b
Examples:
  aimc report run.json -o report.html
  aimc report results.sqlite -o report.html --title "ADC bits and tile size"
  aimc report pcm.json rram.json -o compared.html
  aimc report study.json sensitivity.json spec.json -o report.html --figures figures
"""
