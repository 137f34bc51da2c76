package shop

/*
  To be run with the runner of JUnit.
*/

@RunWith(classOf[JUnitRunner])
class BasketSpec extends Specification {
  "a basket" should {
    "be empty" in {
      Basket().items must beEmpty
    }
  }
}
