"""DI's paths, member names and error keys, and how sure each is.

Source: the page "Shop API" of DI's public wiki, in all its versions, and the pages
"LoginV2" and "LoginV3". The body and the path of the update and the form of every
answer are not to be read there, so they are inferred. Error keys marked inferred
are printed for sister APIs of the same family.
"""

from collections.abc import Mapping

from vendors.contracts import Name, documented, inferred

_LOGIN: Mapping[str, Name] = {
    "path.login_v3": documented(
        "/ws/json/auth/v-3/login/{minutes}", "1 to 1440 minutes, in the path alone"
    ),
    "path.login_v2": documented("/ws/json/auth/v-2/login", "a token for 30 minutes"),
    "login.username": documented("username"),
    "login.password": documented("password"),
    "login.token": documented("token"),
}

_PATHS: Mapping[str, Name] = {
    "path.create": documented("/ws/json/shop/v-1"),
    "path.update_with_id": inferred(
        "/ws/json/shop/v-1/{shop_id}", "as DI's edit of a parcel order has it"
    ),
    "path.update_without_id": inferred(
        "/ws/json/shop/v-1", "the id then stands in the body alone"
    ),
    "patch.path": inferred("/{member}", "or /shop/{member}; JSON Patch alone"),
}

_CREATE: Mapping[str, Name] = {
    "create.owner_party_key": documented("ownerPartyKey"),
    "create.address_collector": documented("addressCollector"),
    "create.transport_solution_ids": documented(
        "transportSolutionIds",
        "a sample call of an older form has transportSolutionsIds; the first thing "
        "to try when DI refuses a filled list",
    ),
    "create.shop": documented("shop"),
    "create.customer_system": documented("customerSystem", "older form of the page"),
    "customer_system.name": documented("name", "likewise"),
    "customer_system.short_name": documented("shortName", "likewise"),
    "customer_system.address_collector": documented("addressCollector", "likewise"),
}

_SHOP: Mapping[str, Name] = {
    "shop.id": documented("id", "must not be sent when a shop is made"),
    "shop.organization_number": documented("organizationNumber"),
    "shop.email": documented("email"),
    "shop.legal_name": documented("legalName"),
    "shop.deliverer_edi": documented("delivererEDI"),
    "shop.vat_liable": documented("vatLiable", "false if it is not sent"),
    "shop.web_shop_platform": documented("webShopPlatform"),
    "shop.ceo": documented("ceo"),
    "shop.customer_manager": documented("customerManager"),
    "shop.phone": documented("contactPersonPhone"),
    "shop.address": documented("address"),
    "shop.external_customer_ids": documented("externalCustomerIds"),
    "external.freight_product": documented("freightProductId"),
    "external.customer_number": documented("customerNumber"),
    "address.street": documented("street"),
    "address.street_number": documented("streetNumber", "its type is inferred"),
    "address.entrance": documented("entrance"),
    "address.zip_code": documented("zipCode", "that it is a text is inferred"),
    "address.city": documented("city"),
    "address.country": documented("countryCode"),
}

_ANSWERS: Mapping[str, Name] = {
    "answer.id": inferred("id shop.id shopId", "tried in this order"),
    "answer.address": inferred("shop.address address", "likewise"),
    "error.key": documented("errorKey", "may be empty; new ones come at any time"),
    "error_key.not_authenticated": documented("authentication.missing"),
    "error_key.no_changes": inferred(
        "no.changes.in.patch", "an update that would change nothing"
    ),
    "error_key.no_access_api": inferred("no.access.api"),
    "error_key.no_access_shop": inferred("no.access.shop.id"),
}

MAPPING: Mapping[str, Name] = {**_LOGIN, **_PATHS, **_CREATE, **_SHOP, **_ANSWERS}
