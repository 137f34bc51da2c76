package a.b

import a.b.C
import a.b.{D, E => F}
import a.b._

/** Greets. */
@deprecated
class Greeter[T](val name: String) extends Base with Hello {
  val limit = 3
  var other: Int = 4
  type Name = String

  // Hello.
  override def greet(names: String*): Int = {
    for (n <- names) {
    }
    if (true) {
    } else {
    }
    while (true) {
    }
    names match {
      case Nil => 1
    }
    try {
    } catch {
      case e: Exception => 2
    } finally {
    }
    val c = 'c'
    val d = "d"
    s"x".length
  }

  def short(x: Int): Int = x + 1
  def abs(x: Int): Int
}

trait Hello {
  def hi(): Unit
}

object Single {
  def make(): Unit = {
  }
}

enum Colour {
  case Red
}

case class Point(x: Int)
