"""A sound as a function of time.

`f = a` at the samples of a sound `a` on −1 ≤ t ≤ 1.

**What to expect.** Silence at first: the mean of a sound is 0, and so is the best smooth function. Then all of its
tones come at once, and the error falls by a factor of ten within a few hundred steps.

**Good values.** The first layer has to reach the highest tones: with `first_omega` = ω its waves are about sin(ω t), so
that 3000, as published, are 480 periods; `seconds` of sound with tones up to ν want up to π ν `seconds`: 30,000 for
seven seconds of music, with width 256, depth 4 and Adam at a rate of 1e-3 on a fifth of the samples at a time. Where
loud and quiet parts are to be equally good, divide both sides by the loudness. A recording is read with
`Audio.read("speech.wav")`.

**Reference.** The samples themselves, by a formula: a chord of three tones that swells and fades. The task is that of
Sitzmann et al., Implicit Neural Representations with Periodic Activation Functions, NeurIPS 2020.
"""

import numpy as np

from pinr import Adam, Audio, Eq, Problem, Siren, coordinates, on, unknown

seconds = 0.25
rate = 8_000
width = 64
depth = 4
first_omega = 400.0

clock = np.arange(int(seconds * rate)) / rate
chord = sum(np.sin(2 * np.pi * tone * clock) for tone in (220.0, 277.2, 329.6))
audio = Audio(0.2 * chord * np.sin(np.pi * clock / seconds), rate=rate)

t = coordinates(time="t")
f = unknown("f", t)

problem = Problem(on(audio, Eq(f, audio.value), points=len(clock)), name="Sound", reference={f: audio.array})
network = Siren(width=width, depth=depth, omega=30, first_omega=first_omega)
stages = [Adam(steps=2_000, rate=1e-3)]
