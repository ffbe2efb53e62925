"""Opening the store."""

from concurrent.futures import ThreadPoolExecutor

from technopark.store import Site, open_store


def test_two_starts_at_one_moment_may_both_be_the_first(empty_database_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(open_store, [empty_database_url] * 8))
    for store in stores:
        with store.read() as session:
            assert session.get(Site, "nowhere") is None
        store.close()
