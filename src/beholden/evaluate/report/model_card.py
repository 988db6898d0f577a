"""The model card, as far as a reader of the report needs it; docs/model-card.md of the project has all of it."""

from __future__ import annotations

from beholden.evaluate.report.shown import Section, Table, Values, one_in

_TRAINING = {
    "yunet-2023mar": "YuNet was trained on WIDER FACE, as its authors publish.",
    "sface-2021dec": "What SFace's file was trained on is not documented. Its authors' repository names CASIA-WebFace, "
    "VGGFace2 and MS1MV2, without saying which (issue 313 of opencv_zoo). Those pictures were collected from the web "
    "without asking the people in them, and some of the sets were withdrawn for that. If that is not enough for you, "
    "bring a recogniser of your own.",
}
_UNKNOWN = "This recogniser was added by a user: ask them what it was trained on."
_USE = (
    "Meant for: people who agreed to be recognised, at places and for purposes that they agreed to, with a person who "
    "looks before anything follows from a name; and for covering everybody's face in what is stored.",
    "Not meant for: finding people who did not agree, live lists of wanted people, guessing sex, age, origin or mood, "
    "evidence in court, or any decision about somebody that no person makes.",
)
_LIMITS = (
    "Recognisers of this kind are worse for some groups of people than for others. This report says so only where "
    "there are errors enough to tell.",
    "Pose is the weak side: of 20 volunteers who turned to profile, 18% were missed at a false match rate of 1 in "
    "1,000.",
    "Twins and close relatives are beyond it. Two people alike end as undecided, by rule.",
    "Nothing checks that a face is alive: a photo held up to the camera is a face.",
    "A mask over the mouth is noticed and refused; dark glasses and a hand over one side mostly are not.",
    "Children, old photographs, heavy make-up and infrared were never measured.",
)
_OWN_LIMITS = (
    "What was published of the shipped recogniser does not hold for this one: only what this report measured does.",
)


def model_card(values: Values) -> Section:
    """From `apparatus` and `operating_point` of report.json."""
    models = [(role, values["apparatus"][role]) for role in ("detector", "recogniser")]
    recogniser, table = values["apparatus"]["recogniser"], values["operating_point"]["calibration"]
    shipped = recogniser["shipped"]
    return Section(
        "model-card",
        "Model card",
        paragraphs=(
            *_USE,
            "Two models run here, one that finds faces and one that compares them. Each is known by the digest of its "
            "file, which is checked before it is used.",
        ),
        tables=(
            Table(
                "The models",
                ("", *(role.capitalize() for role, _ in models)),
                tuple(
                    (said, *(str(model[key]) for _, model in models))
                    for said, key in (
                        ("Name", "name"),
                        ("Licence of the weights", "licence"),
                        ("From", "source"),
                        ("Input and output", "input"),
                        ("SHA-256 of the file", "sha256"),
                    )
                ),
            ),
        ),
        notes=(
            "Training data. " + " ".join(_TRAINING.get(model["name"], _UNKNOWN) for _, model in models),
            f"Thresholds were measured on {table['people']} people: {table['data']}; {table['stratum']}. They tell "
            f"rates down to {one_in(table['reach'])} comparisons; what is beyond is a line carried on.",
            *((*_LIMITS,) if shipped else (*_OWN_LIMITS, *_LIMITS[2:4])),
        ),
    )
