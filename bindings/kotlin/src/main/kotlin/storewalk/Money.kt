package storewalk

import storewalk.generated.core.moneyText

/** The amount as people read it: `31,418.80`. */
public val Money.text: String get() = moneyText(this)
