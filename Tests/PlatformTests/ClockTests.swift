import Platform
import Testing

@Suite struct ClockTests {
    /// 0 and 1 are `TIME_OK` and `TIME_INS`, 5 is `TIME_ERROR`; of the bits, 0x40 is `STA_UNSYNC` and 0x2001 are others.
    @Test(arguments: [
        (0, 0, true), (0, 0x2001, true), (1, 0, true), (0, 0x40, false), (0, 0x2041, false), (5, 0, false),
        (5, 0x40, false), (-1, 0, false),
    ])
    func `the clock is synchronised as the kernel says, and where a time client left its mark`(
        answer: Int32, status: Int32, isSynchronised: Bool
    ) {
        #expect(isClockSynchronised(answer: answer, status: status, isMarked: false) == isSynchronised)
        #expect(isClockSynchronised(answer: answer, status: status, isMarked: true))
    }
}
