import CFuzzer
import FuzzTargets
import Glibc
import Platform

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments == ["--list"] {
    for target in fuzzTargets { print(target.name, target.longest) }
    exit(EXIT_SUCCESS)
}
guard let chosen = fuzzTargets.first(where: { $0.name == arguments.first }) else {
    print("usage: portraitfuzz --list | TARGET --seeds FOLDER | TARGET [ARGUMENT …]")
    exit(EX_USAGE)
}
if arguments.count == 3, arguments[1] == "--seeds" {
    for (index, seed) in chosen.seeds.enumerated() { try write(seed, to: "\(arguments[2])/seed-\(index)") }
    exit(EXIT_SUCCESS)
}
try Running.start(chosen)
// libFuzzer takes the name of the target for that of the program.
var count = CommandLine.argc - 1
var values = unsafe CommandLine.unsafeArgv + 1
exit(
    unsafe LLVMFuzzerRunDriver(&count, &values) { start, count in
        unsafe Running.target?.runWithoutTrace(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    })

/// What libFuzzer's callback, which takes no context, runs; everything is on the main thread.
enum Running {
    nonisolated(unsafe) private(set) static var target: (any FuzzTarget)?

    static func start(_ chosen: any FuzzTarget.Type) throws { unsafe target = try chosen.init() }
}

func write(_ bytes: [UInt8], to path: String) throws(Errno) {
    let file = try OwnedDescriptor(opening: path, flags: O_WRONLY | O_CREAT | O_TRUNC)
    _ = try file.withRaw { raw throws(Errno) in try retrying { unsafe Glibc.write(raw, bytes, bytes.count) } }
}
