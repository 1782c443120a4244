//! Integer functions against published values.

use num_bigint::BigInt;
use purify_resonant::Golden;
use purify_resonant::number_theory::*;

#[test]
fn mobius_and_mertens_agree_with_the_tables() {
    let table = [1, -1, -1, 0, -1, 1, -1, 0, 0, 1, -1, 0, -1, 1, 1, 0, -1, 0, -1, 0, 1, 1, -1, 0, 0, 1, 0, 0, -1, -1];
    for (n, mu) in table.into_iter().enumerate() {
        assert_eq!(mobius(n as i64 + 1), mu);
    }
    let sieve = mobius_sieve(1000);
    assert!((1..=1000).all(|n| sieve[n] == mobius(n as i64)));
    assert_eq!((mobius(0), mobius(-5), mobius_sieve(0).len()), (0, 0, 1));
    assert_eq!((mertens(10), mertens(100), mertens(1000)), (-1, 1, 2));
    assert!(is_square_free(30) && !is_square_free(12));
}

#[test]
fn fibonacci_and_lucas_numbers_of_any_size() {
    assert_eq!(fibonacci(300).to_string(), "222232244629420445529739893461909967206666939096499764990979600");
    let (mut a, mut b) = (BigInt::from(2), BigInt::from(1));
    for n in 0..300 {
        assert_eq!(lucas(n), a);
        (a, b) = (b.clone(), &a + &b);
    }
    for n in -20..20 {
        assert_eq!(fibonacci(n + 2), fibonacci(n + 1) + fibonacci(n));
    }
    assert_eq!(fermat(4).unwrap(), BigInt::from(65537));
    assert_eq!(mersenne(13), BigInt::from(8191));
    assert!(fermat(60).is_err());
}

#[test]
fn the_golden_map_is_an_exact_floor() {
    for n in [0i64, 1, -1, 5, 1_000_000_007, -999_999_999_999_999_999, 1_000_000_000_000_000_000] {
        let floor = golden_map(&n.into());
        let product = Golden::integers(0.into(), n.into());
        let low = Golden::integers(floor, 0.into());
        assert!(low <= product && product < &low + &Golden::ONE, "{n}");
    }
    assert_eq!(golden_map_back(&8.into()), BigInt::from(4));
}

#[test]
fn windings_fill_the_ball() {
    for (radius, count) in [(0, 1), (1, 9), (2, 89), (3, 425), (5, 3121), (10, 49689)] {
        assert_eq!(enumerate_windings(radius).len(), count);
    }
    let all = enumerate_windings(3);
    assert!(all.windows(2).all(|w| w[0] < w[1]));
    // Jacobi: the number of ways to write n as four squares is 8 times the sum of its divisors that 4 does not divide.
    for n in 1..=9i64 {
        let ways = all.iter().filter(|w| winding_norm_sq(**w) == n).count() as i64;
        assert_eq!(ways, 8 * (1..=n).filter(|d| n % d == 0 && d % 4 != 0).sum::<i64>());
    }
    let generations: Vec<u32> = [0, 1, 2, 3, 5, 8].map(|n| winding_generation([n, 0, 0, 0])).into();
    assert_eq!(generations, [0, 1, 2, 3, 4, 5]);
}
