/// The five fields of a schedule, read: minute, hour, day of month, month, day of week.
package struct CronFields: Sendable, Hashable {
    /// Minutes of a day at which it fires, sorted: both of hour and minute.
    let times: [Int]
    private let days: Set<Int>
    private let months: Set<Int>
    /// 0 is Sunday.
    private let weekdays: Set<Int>
    /// True where a day need only fit one of `days` and `weekdays`.
    private let isEitherDayEnough: Bool

    package init(_ text: String) throws(TextProblem) {
        let parts = text.split { $0 == " " || $0 == "\t" }
        guard parts.count == CronField.allCases.count else {
            let hint = text.hasPrefix("@") ? "short names are not known; write `0 0 * * *` for every midnight" : nil
            throw TextProblem("must have five fields, found \(parts.count) in \(text.quoted)", hint: hint)
        }
        var values: [CronField: Set<Int>] = [:]
        for (part, field) in zip(parts, CronField.allCases) {
            do throws(TextProblem) {
                values[field] = try field.values(of: part)
            } catch {
                let offset = text.distance(from: text.startIndex, to: part.startIndex)
                throw TextProblem(error.message, hint: error.hint, offset: offset)
            }
        }
        let minutes = values[.minute] ?? []
        times = (values[.hour] ?? []).flatMap { hour in minutes.map { hour * 60 + $0 } }.sorted()
        days = values[.day] ?? []
        months = values[.month] ?? []
        weekdays = Set((values[.weekday] ?? []).map { $0 % 7 })
        // crontab(5): "if both fields are restricted (i.e., do not contain the * character)".
        isEitherDayEnough = !parts[2].hasPrefix("*") && !parts[4].hasPrefix("*")
    }

    func matches(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let (isDay, isWeekday) = (days.contains(date.day), weekdays.contains(date.weekday))
        return isEitherDayEnough ? isDay || isWeekday : isDay && isWeekday
    }
}
