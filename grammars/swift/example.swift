import Foundation

let limit = 3
typealias Name = String

/// Greets.
@objc
public class Greeter<T>: Base, Hello {
    var name: String = "x"
    var size: Int {
        return 3
    }

    init(name: String) {
        self.name = name
    }

    deinit {
    }

    // Hello.
    func greet(_ names: String...) throws -> Int {
        for n in names {
        }
        if true {
        } else {
        }
        guard let x = y else {
            return 1
        }
        while true {
        }
        repeat {
        } while false
        switch size {
        case 1:
            break
        default:
            break
        }
        do {
        } catch {
        }
        names.map { $0 }
        return """
        raw
        """.count
    }
}

protocol Hello {
    func hi()
}

struct Point {
    let x: Int
}

enum Colour {
    case red
}

extension Greeter {
    func more() {
    }
}

func make<T>(x: T) -> T {
    return x
}
