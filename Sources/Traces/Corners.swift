import Platform

/// Finds places that can be followed: strong local maxima of the smaller eigenvalue of the structure tensor
/// (Shi and Tomasi, 1994).
///
/// All memory is secure and made once; searching allocates nothing.
@safe struct CornerFinder: ~Copyable {
    private struct Candidate {
        var strength: Float
        var x: Int32
        var y: Int32
    }

    private let width: Int
    private let height: Int
    private let strengths: UnsafeMutablePointer<Float>
    private let heap: UnsafeMutablePointer<Candidate>
    private var heapCount = 0
    private let mostCandidates: Int

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        self.mostCandidates = width * height / 4
        let count = width * height
        unsafe self.strengths = SecureMemory.allocate(count * MemoryLayout<Float>.stride, holding: .frames)
            .bindMemory(to: Float.self, capacity: count)
        unsafe self.heap = SecureMemory.allocate(mostCandidates * MemoryLayout<Candidate>.stride, holding: .frames)
            .bindMemory(to: Candidate.self, capacity: mostCandidates)
    }

    deinit {
        unsafe SecureMemory.free(strengths)
        unsafe SecureMemory.free(heap)
    }

    /// Hands corners to `body`, strongest first, until it has `most`.
    ///
    /// They are at least `spacing` pixels apart and have at least `quality` of the strongest one's eigenvalue;
    /// `isWanted` says where to look.
    mutating func find(
        in pyramid: borrowing GreyPyramid, most: Int, quality: Float, spacing: Float,
        where isWanted: (SIMD2<Float>) -> Bool, into places: inout Places
    ) {
        measure(pyramid.level(0))
        collect(quality: quality, isWanted)
        places.removeAll()
        while places.count < min(most, Places.capacity), let next = takeStrongest() {
            let place = SIMD2(Float(next.x), Float(next.y))
            if places.isFree(place, spacing) { places.append(place) }
        }
    }

    /// The smaller eigenvalue of the structure tensor over 5×5 pixels.
    private func measure(_ plane: GreyPlane) {
        for row in 0..<height {
            for column in 0..<width { unsafe strengths[row * width + column] = 0 }
        }
        // Column sums of products over five rows slide along the row.
        for row in 3..<height - 3 {
            var window = InlineArray<5, SIMD4<Float>>(repeating: .zero)
            var sum = SIMD4<Float>.zero
            for column in 1..<width - 1 {
                var products = SIMD4<Float>.zero
                for y in row - 2...row + 2 {
                    let line = unsafe plane.row(y) + column
                    let slopeX = unsafe line[1] - line[-1]
                    let slopeY = unsafe line[plane.stride] - line[-plane.stride]
                    products += SIMD4(slopeX * slopeX, slopeX * slopeY, slopeY * slopeY, 0)
                }
                sum += products - window[column % 5]
                window[column % 5] = products
                if column < 5 { continue }
                let (half, difference) = ((sum.x + sum.z) / 2, (sum.x - sum.z) / 2)
                let smaller = half - (difference * difference + sum.y * sum.y).squareRoot()
                unsafe strengths[row * width + column - 2] = smaller
            }
        }
    }

    private mutating func collect(quality: Float, _ isWanted: (SIMD2<Float>) -> Bool) {
        heapCount = 0
        var strongest: Float = 0
        for row in 1..<height - 1 {
            for column in 1..<width - 1 {
                let place = unsafe strengths + (row * width + column)
                let strength = unsafe place[0]
                guard strength > 1, unsafe isPeak(place), heapCount < mostCandidates else { continue }
                guard isWanted(SIMD2(Float(column), Float(row))) else { continue }
                strongest = max(strongest, strength)
                unsafe heap[heapCount] = Candidate(strength: strength, x: Int32(column), y: Int32(row))
                heapCount += 1
            }
        }
        let least = quality * strongest
        var kept = 0
        for index in 0..<heapCount where unsafe heap[index].strength >= least {
            unsafe heap[kept] = heap[index]
            kept += 1
        }
        heapCount = kept
        for index in stride(from: heapCount / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    @unsafe private func isPeak(_ place: UnsafePointer<Float>) -> Bool {
        let strength = unsafe place[0]
        for row in -1...1 {
            for column in -1...1 {
                let neighbour = unsafe place[row * width + column]
                // Of equal neighbours the first one is the peak.
                let comesFirst = row < 0 || row == 0 && column < 0
                if neighbour > strength || comesFirst && neighbour == strength { return false }
            }
        }
        return true
    }

    private mutating func takeStrongest() -> Candidate? {
        guard heapCount > 0 else { return nil }
        let strongest = unsafe heap[0]
        heapCount -= 1
        unsafe heap[0] = heap[heapCount]
        sink(0)
        return strongest
    }

    private func sink(_ start: Int) {
        var index = start
        while true {
            var largest = index
            for child in 2 * index + 1...2 * index + 2 where child < heapCount {
                if unsafe heap[child].strength > heap[largest].strength { largest = child }
            }
            if largest == index { return }
            unsafe swap(&heap[index], &heap[largest])
            index = largest
        }
    }
}

/// Up to `capacity` places of a picture.
struct Places: ~Copyable {
    static let capacity = 140
    private var places = SecureArray<SIMD2<Float>>(count: capacity)
    private(set) var count = 0

    subscript(index: Int) -> SIMD2<Float> {
        precondition(index < count, "there are \(count) places")
        return places[index]
    }

    mutating func removeAll() { count = 0 }

    mutating func append(_ place: SIMD2<Float>) {
        places[count] = place
        count += 1
    }

    /// Whether no place lies nearer than `spacing`.
    func isFree(_ place: SIMD2<Float>, _ spacing: Float) -> Bool {
        for index in 0..<count {
            let line = places[index] - place
            if (line * line).sum() < spacing * spacing { return false }
        }
        return true
    }
}
