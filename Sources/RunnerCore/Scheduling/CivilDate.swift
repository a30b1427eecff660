/// A day of the Gregorian calendar, without a zone.
struct CivilDate {
    /// Days since 1970-01-01.
    let number: Int
    let year: Int
    let month: Int
    let day: Int

    /// 0 is Sunday; 1970-01-01 was a Thursday.
    var weekday: Int { (number % 7 + 11) % 7 }

    /// After Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`: years that begin in March,
    /// so that the leap day is the last one, in eras of 400 years, each of 146,097 days.
    init(number: Int) {
        self.number = number
        let shifted = number + 719_468
        let dayOfEra = shifted - Self.floor(shifted, 146_097) * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + 400 * Self.floor(shifted, 146_097) + (month <= 2 ? 1 : 0)
    }

    /// Rounded down, as `/` is not for numbers below 0.
    static func floor(_ number: Int, _ divisor: Int) -> Int {
        number >= 0 ? number / divisor : (number - divisor + 1) / divisor
    }
}
