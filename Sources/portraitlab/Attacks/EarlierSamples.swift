/// Samples that were given up when one of their trials showed a fault, which was then mended: what became of the next
/// sample is what became of a program that passed the ones before.
struct EarlierSample {
    let seeds: String
    /// That holds its report.
    let commit: String
    /// In the first two tables, light on; how many presentations were taken for bona fide.
    let attacks: Share
    /// Which these were.
    let errors: String
    /// Called an attack, under all conditions.
    let accused: Share

    static let all = [
        EarlierSample(
            seeds: "20000–20013", commit: "9102365", attacks: Share(0, of: 252), errors: "–", accused: Share(0, of: 111)
        ),
        EarlierSample(
            seeds: "21000–21009", commit: "4e69220", attacks: Share(0, of: 216), errors: "–", accused: Share(0, of: 75)),
        EarlierSample(
            seeds: "23000–23012", commit: "d15b174", attacks: Share(0, of: 216), errors: "–", accused: Share(1, of: 79)),
        EarlierSample(
            seeds: "24000–24019", commit: "51fecc6", attacks: Share(1, of: 359), errors: "`halfPrint` 1 of 20",
            accused: Share(0, of: 172)),
        EarlierSample(
            seeds: "26000–26071", commit: "a7157f1", attacks: Share(5, of: 1256),
            errors: "`halfPrint` 4 of 71, `exchangedPerson` 1 of 69", accused: Share(0, of: 273)),
        EarlierSample(
            seeds: "27000–27059", commit: "cf43071", attacks: Share(1, of: 252), errors: "`halfPrint` 1 of 60",
            accused: Share(0, of: 96)),
    ]
}
