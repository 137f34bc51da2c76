package a.b

import a.b.C
import a.b.*
import a.b.C as D

const val LIMIT = 3
typealias Name = String

/** Greets. */
@Suppress("x")
open class Greeter<T>(val name: String) : Base(), Hello {
    val size: Int = 3
    var other: Int
        get() = 1

    constructor(x: Int) : this("x") {
        println(x)
    }

    init {
    }

    // Hello.
    override fun greet(vararg names: String): Int {
        for (n in names) {
        }
        if (true) {
        } else {
        }
        while (true) {
        }
        do {
        } while (false)
        when (size) {
            1 -> {
            }
            else -> 2
        }
        try {
        } catch (e: Exception) {
        } finally {
        }
        names.map { it }
        val c = 'c'
        return """raw""".length
    }

    fun short() = 1

    companion object {
        fun make() {
        }
    }
}

interface Hello {
    fun hi()
    fun size(): Int
}

object Single {
}

enum class Colour {
    RED
}

data class Point(val x: Int)

fun <T> String.make(x: T): T {
    return x
}
